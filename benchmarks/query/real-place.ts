import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';

import type { Log } from '../../brokers/log.ts';
import { topics } from '../../contracts/topics.ts';
import { distributedEngines, pinotConnection } from '../../services/engines-distributed.ts';
import { engineAddresses } from '../../services/engine-checks.ts';
import { RoleChild } from '../../services/role-child.ts';
import { readSettings, type Settings } from '../../services/settings.ts';
import { openTokens } from '../../services/tokens.ts';
import type { PinotConnection } from '../../sinks/pinot/client.ts';
import { Backoff } from '../../streams/backoff.ts';
import { createSystemClock } from '../../streams/clock.ts';
import { createRandom } from '../../streams/random.ts';
import { compressBatch } from '../../streams/record-batch.ts';
import type { SinkBatch } from '../../streams/sink.ts';
import { nodeFlags } from '../../tests/support/platform-process.ts';
import { namesOfRun } from '../run/engine-names.ts';
import { type RoleUsage, usageOf } from '../run/processes.ts';
import { serverProcesses } from '../run/server-processes.ts';
import { scope } from './stored-events.ts';

export const sinkNames = ['event-log', 'analytics'] as const;
export type SinkName = (typeof sinkNames)[number];

/** The roles `sink` and `query` of this product on the real engines, under names of their own that go in the end. */
export interface RealPlace extends AsyncDisposable {
  readonly settings: Settings;
  readonly pinot: PinotConnection;
  readonly prefix: string;
  readonly keyspace: string;
  readonly queryUrl: string;
  readonly token: string;
  /** Appends to the enriched topic, as the role `telemetry` does. */
  append(batch: SinkBatch): Promise<void>;
  /** Records of the enriched topic that each sink has yet to commit. */
  lag(): Promise<Readonly<Record<SinkName, number>>>;
  /** CPU so far of both roles and of the servers on this machine. */
  usage(): Promise<RoleUsage[]>;
}

const cli = fileURLToPath(new URL('../../cli/openframe.js', import.meta.url));

export async function openRealPlace(): Promise<RealPlace> {
  await using opening = new AsyncDisposableStack();
  const { prefix } = opening.use(namesOfRun());
  const names = { OPENFRAME_PROFILE: 'distributed', OPENFRAME_NAME_PREFIX: prefix };
  const settings = readSettings(names);
  const pinot = pinotConnection(settings);
  const keyspace = prefix + settings.OPENFRAME_CASSANDRA_KEYSPACE;
  const clock = createSystemClock();
  const engines = distributedEngines(settings, { clock, role: 'bench' });
  const log = opening.use(await engines.log());
  const sink = startRole(opening, ['sink', '--only', sinkNames.join(',')], names);
  const query = startRole(opening, ['query'], names);
  await Promise.all([sink.ready, query.ready]);
  const tokens = openTokens(opening.use(await engines.documents()), clock);
  const { token } = await tokens.mint({ tenantId: scope.tenantId, role: 'analyst' });
  const servers = await serverProcesses(engineAddresses(settings));
  const partitions = settings.OPENFRAME_PARTITIONS ?? 4;
  let appended = 0;
  const opened = opening.move();
  return {
    ...{ settings, pinot, prefix, keyspace, token, queryUrl: await query.listening },
    append: async ({ bytes }) =>
      void (await log.append(topics.enriched, appended++ % partitions, compressBatch(bytes))),
    lag: () => lagOf(log, partitions),
    usage: () =>
      usageOf([{ role: 'sink', pid: sink.pid ?? 0 }, { role: 'query', pid: query.pid ?? 0 }, ...servers]),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function startRole(
  stack: AsyncDisposableStack,
  args: readonly string[],
  env: Record<string, string>,
): RoleChild {
  const random = createRandom(randomBytes(4).readUInt32BE());
  const role = new RoleChild({
    name: args[0] ?? '',
    program: cli,
    args: ['service', ...args],
    nodeFlags,
    env,
    port: 0,
    backoff: new Backoff({ initialMs: 500, maxMs: 10_000 }, createSystemClock(), random),
    drainMs: 30_000,
    onRemark: (line) => process.stderr.write(`${line}\n`),
  });
  stack.defer(() => role.stop());
  return role;
}

async function lagOf(log: Log, partitions: number): Promise<Readonly<Record<SinkName, number>>> {
  const lags = (await log.lag()).filter(({ topic }) => topic === topics.enriched);
  const ends = await Promise.all(
    Array.from({ length: partitions }, (_, partition) => log.endOffset(topics.enriched, partition)),
  );
  const of = (name: SinkName): number =>
    ends.reduce((sum, end, at) => {
      const committed = lags.find(
        ({ group, partition }) => group === name && partition === at,
      )?.committedOffset;
      return sum + end - (committed ?? 0);
    }, 0);
  return { 'event-log': of('event-log'), analytics: of('analytics') };
}
