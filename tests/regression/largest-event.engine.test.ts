import { randomBytes } from 'node:crypto';
import { request } from 'undici';
import { expect, it } from 'vitest';

import { eventLimits } from '../../contracts/event.ts';
import { createSystemClock } from '../../streams/clock.ts';
import { createRandom } from '../../streams/random.ts';
import { engineAddresses, engineTools } from '../engines/engine-addresses.ts';
import { cassandraRows } from '../faults/cassandra-rows.ts';
import { Deployment } from '../faults/deployment.ts';

const roles = ['gateway', 'relay', 'telemetry', 'sink'] as const;

/** Of the largest size that the door takes, and none of it compresses: with its headers it is more than 1 MiB. */
function largestEvent(): string {
  const event = (message: string): string =>
    JSON.stringify({
      ...{ specversion: '1.0', id: 'largest', source: '/agents/d1', type: 'openframe.log', subject: 'd1' },
      ...{ time: new Date().toISOString(), data: { message } },
    });
  const room = eventLimits.sizeBytes - event('').length - 8;
  return event(randomBytes(Math.floor((room / 4) * 3)).toString('base64'));
}

it('takes an event of the largest size, which does not compress, all the way to the store', async () => {
  await using stack = new AsyncDisposableStack();
  const clock = createSystemClock();
  const [engines, tools] = [engineAddresses(), engineTools()];
  const context = { size: 'short', seed: 1, random: createRandom(1), clock, engines, stack } as const;
  const deployment = new Deployment({ ...context, engineTools: tools });
  const [gateway] = await Promise.all(roles.map((role) => deployment.start(role)));
  const token = (await deployment.tokens()).get('fault-0') ?? '';
  const response = await request(`${(await gateway?.listening) ?? ''}/ingest/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
    body: largestEvent(),
  });
  expect(await response.body.json()).toEqual({ accepted: 1, rejected: [] });
  const stored = async (): Promise<number> => {
    let rows = 0;
    const points = engines.OPENFRAME_CASSANDRA_CONTACT_POINTS.split(',');
    for await (const page of cassandraRows(points, `${deployment.prefix}openframe`)) rows += page.length;
    return rows;
  };
  await expect.poll(stored, { timeout: 60_000, interval: 500 }).toBe(1);
}, 240_000);
