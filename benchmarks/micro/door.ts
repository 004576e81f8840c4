import { parseArgs } from 'node:util';

import { entriesReader } from '../../agent-gateway/body-entries.ts';
import { createEventDoor } from '../../agent-gateway/event-door.ts';
import type { Messaging } from '../../brokers/messaging.ts';
import { createFleet } from '../../simulator/fleet.ts';
import { createEventLines } from '../../simulator/event-lines.ts';
import { createEmbeddedCache } from '../../stores/embedded/cache.ts';
import { createSystemClock } from '../../streams/clock.ts';
import { createRandom } from '../../streams/random.ts';
import { recordCount } from '../../streams/record-batch.ts';
import { machine } from '../machine.ts';

/*
 * CPU of the door alone, no HTTP and nothing stored: from bodies of 100 lines to record batches. `spaced` lines have a
 * space that keeps them from being read in place, so they are parsed.
 *
 *   node benchmarks/micro/door.ts --lines plain
 *   node benchmarks/micro/door.ts --lines spaced
 */
const { values } = parseArgs({
  options: { lines: { type: 'string', default: 'plain' }, rounds: { type: 'string', default: '7' } },
});
const events = 40_000;
const perBody = 100;
const unlimited = 1e9;
const clock = createSystemClock();
let published = 0;
const publish: Messaging['publish'] = (batch) => {
  published += recordCount(batch);
  return Promise.resolve({ stored: recordCount(batch), duplicates: 0 });
};
const door = createEventDoor({
  messaging: { publish },
  cache: createEmbeddedCache({ clock }),
  clock,
  quotas: {
    tenantEventsPerSecond: unlimited,
    tenantBurst: unlimited,
    deviceEventsPerSecond: unlimited,
    deviceBurst: unlimited,
  },
});
const read = entriesReader('application/x-ndjson');
const bodies = bodiesOf(values.lines === 'spaced' ? (line) => line.replace('{', '{ ') : (line) => line);
const cpuMicrosPerEvent: number[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const before = process.cpuUsage();
  for (const { tenantId, bytes } of bodies) {
    const { entries, check } = read(bytes);
    await door.accept({ tenantId, role: 'agent', tokenId: 'bench' }, entries, check);
  }
  const { user, system } = process.cpuUsage(before);
  cpuMicrosPerEvent.push(Number(((user + system) / events).toFixed(2)));
}
const whole = published === events * Number(values.rounds);
process.stdout.write(
  `${JSON.stringify({ machine: machine(), lines: values.lines, whole, cpuMicrosPerEvent })}\n`,
);

function bodiesOf(change: (line: string) => string): readonly { tenantId: string; bytes: Buffer }[] {
  const tenants = Array.from({ length: 200 }, (_, i) => `sim-${i}`);
  const fleet = createFleet({ agents: 5000, tenants, seed: 1 });
  const lines = createEventLines(createRandom(1));
  const byTenant = new Map<string, string[]>(tenants.map((tenantId) => [tenantId, []]));
  for (let i = 0; i < events; i++) {
    const agent = fleet.pick();
    byTenant.get(agent.tenantId)?.push(change(lines.next(agent, clock.nowMs())));
  }
  return [...byTenant].flatMap(([tenantId, all]) =>
    Array.from({ length: Math.ceil(all.length / perBody) }, (_, i) => {
      return { tenantId, bytes: Buffer.from(all.slice(i * perBody, (i + 1) * perBody).join('\n')) };
    }),
  );
}
