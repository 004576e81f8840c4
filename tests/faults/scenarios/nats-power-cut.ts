import { join } from 'node:path';
import { expect } from 'vitest';

import { createNatsMessaging } from '../../../brokers/nats/messaging.ts';
import { recordsOfAll, sealed } from '../../../conformance/batches.ts';
import { message } from '../../../conformance/messaging-laws/subject.ts';
import { Deployment } from '../deployment.ts';
import { sendThroughDoor } from '../door.ts';
import { cutToSynced, syncedSizes, watchSyncs } from '../nats-power-cut.ts';
import { type OwnEngines, startOwnEngines } from '../own-engines.ts';
import { type FaultContext, minuteMs, type Scenario } from '../scenario.ts';

const sizes = {
  short: { events: 3_000, ratePerSecond: 400, cuts: 1 },
  full: { events: 30_000, ratePerSecond: 600, cuts: 5 },
} as const;
const probes = 200;

/** The server is killed under load, and its blocks are cut to what it had synced, before it comes back. */
export const natsPowerCut: Scenario = {
  name: 'nats-power-cut',
  law: 'keeps what was accepted where the power of NATS is cut, as the default of its sync_interval does not',
  timeoutMs: { short: 4 * minuteMs, full: 10 * minuteMs },
  async run(context) {
    const { clock, size, random } = context;
    const { cuts, ...load } = sizes[size];
    const lostByDefault = await lostWith(context, '2m');
    expect(
      lostByDefault,
      'lost with the default of sync_interval: else this test sees nothing',
    ).toBeGreaterThan(0);
    const own = await startOwnEngines(context, ['nats']);
    const deployment = new Deployment(context, { engines: own.engines.addresses });
    const gateway = await deployment.start('gateway');
    const { fleet, ledger } = deployment;
    const sending = sendThroughDoor({
      ...load,
      url: await gateway.listening,
      tokens: await deployment.tokens(),
      fleet,
      ledger,
      clock,
      random,
    });
    let cutBytes = 0;
    for (let cut = 0; cut < cuts; cut++) {
      cutBytes += await cutPower(context, own, () => clock.sleep(1_500 + random.below(1_500)));
    }
    const { refusals, lastAcceptedMs } = await sending;
    expect(refusals, 'the cut was under load').toBeGreaterThan(0);
    for (const role of ['relay', 'telemetry', 'sink'] as const) await deployment.start(role);
    return deployment.report(lastAcceptedMs, cuts, { lostByDefault, cutBytes, refusals });
  },
};

/** Kills the server after `load`, takes from its blocks what was not synced, and starts it again. */
async function cutPower(
  { clock }: FaultContext,
  { engines, dataDir }: OwnEngines,
  load: () => Promise<void>,
): Promise<number> {
  const [status] = await engines.statuses();
  const pid = status?.processes[0]?.pid ?? 0;
  const tracePath = join(dataDir, `trace-${clock.nowMs()}`);
  const { ended } = await watchSyncs(pid, tracePath);
  await load();
  await engines.kill('nats');
  await ended;
  const cutBytes = await cutToSynced(await syncedSizes(tracePath));
  await engines.start('nats');
  return cutBytes;
}

/** How many acknowledged messages a power cut takes from a server that syncs this often. */
async function lostWith(context: FaultContext, syncInterval: string): Promise<number> {
  const own = await startOwnEngines(context, ['nats'], { natsSettings: { syncInterval } });
  const options = { duplicateWindowMs: 120_000, retentionBytes: 2 ** 30, retentionMs: 3_600_000 };
  const { clock } = context;
  const servers = [own.engines.addresses.OPENFRAME_NATS_URL ?? ''];
  const messaging = context.stack.use(await createNatsMessaging({ servers, clock, options }));
  await cutPower(context, own, async () => {
    for (let n = 0; n < probes; n++) await messaging.publish(sealed(message(n)));
  });
  const after = context.stack.use(await createNatsMessaging({ servers, clock, options }));
  return probes - (await recordsOfAll(after.readAll())).length;
}
