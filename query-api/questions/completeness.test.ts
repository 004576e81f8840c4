import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { completenessSchema } from '../../contracts/completeness.ts';
import type { PipelineStatus } from '../../contracts/pipeline.ts';
import { createManualClock } from '../../streams/clock.ts';
import { askGraph } from '../../tests/query-api/graph-client.ts';
import { fixtureTimeMs } from '../../tests/query-api/enriched-events.ts';
import { openPopulatedRest, type PopulatedRest } from '../../tests/query-api/populated-rest.ts';
import { fixturePipeline } from '../../tests/query-api/rest-app.ts';
import { createCompleteness } from './completeness.ts';

let rest: PopulatedRest;

beforeAll(async () => {
  rest = await openPopulatedRest();
});
afterAll(() => rest[Symbol.asyncDispose]());

/** Asks over pipelines that say what is given. */
function asker(...given: readonly Partial<PipelineStatus>[]) {
  const clock = createManualClock(fixtureTimeMs);
  const pipelines = given.map((one) => ({ ...fixturePipeline, ...one }));
  const { devices } = rest.stores;
  const ask = createCompleteness({ pipelines: () => Promise.resolve(pipelines), devices, clock });
  return { clock, pipelines, ask: () => ask({ tenantId: 'acme' }) };
}

const latencyMs = { p50: 1, p99: 2, max: 300 };
const at = (beforeMs: number): string => new Date(fixtureTimeMs - beforeMs).toISOString();

describe('completeness', () => {
  it('reaches to the moment of asking where nothing waits', async () => {
    const { completeTo, late } = await asker().ask();
    expect([completeTo, late.pipelines]).toEqual([at(0), []]);
  });

  it('lies the longest time to commit before it', async () => {
    expect((await asker({ latencyMs }, {}).ask()).completeTo).toBe(at(300));
  });

  it('lies as long before it as the lag takes at its rate, and names who is late and where', async () => {
    const behind = [
      { topic: 't', partition: 1, records: 20 },
      { topic: 't', partition: 3, records: 80 },
    ];
    const { completeTo, late } = await asker({ lag: 100, ratePerSecond: 10, behind }).ask();
    expect(completeTo).toBe(at(10_000));
    expect(late.pipelines).toEqual([
      { name: 'telemetry', state: 'running', lag: 100, partitions: ['t/3', 't/1'] },
    ]);
  });

  it('stands still while a lag does not move', async () => {
    const { clock, ask } = asker({ lag: 100, ratePerSecond: 0, latencyMs });
    await ask();
    await clock.advance(60_000);
    expect((await ask()).completeTo).toBe(at(0));
  });

  it('has no moment where a pipeline has stopped', async () => {
    const { completeTo, late } = await asker({ state: 'stopped' }, { name: 'b' }).ask();
    expect([completeTo, late.pipelines.map(({ name }) => name)]).toEqual([null, ['telemetry']]);
  });

  it('is found out once a second', async () => {
    const { clock, pipelines, ask } = asker({ state: 'stopped' });
    await ask();
    pipelines.length = 0;
    expect((await ask()).completeTo).toBeNull();
    await clock.advance(1_000);
    expect((await ask()).completeTo).not.toBeNull();
  });

  it.each([
    '/events',
    '/events/facets',
    '/events/stats',
    '/devices',
    '/devices/facets',
    '/metrics/series?name=x',
    '/alerts',
    '/alerts/stats',
  ])("is in the answer of %s, with the tenant's own devices", async (path) => {
    const answer = async (token: string) => {
      const { completeness } = (await rest.answer(path, token)) as { completeness: unknown };
      return completenessSchema.parse(completeness).late;
    };
    expect(await answer('acme.analyst')).toMatchObject({
      devices: 2,
      ofDevices: 3,
      deviceIds: ['d/3 <b>', 'd2'],
    });
    expect(await answer('umbrella.analyst')).toMatchObject({ devices: 1, ofDevices: 1, deviceIds: ['u1'] });
  });

  it('is in the data and the extensions of a query', async () => {
    const query =
      '{ events { totalCount } completeness { completeTo late { devices ofDevices deviceIds } } }';
    const { data, extensions } = await askGraph(rest.app, query);
    const { late } = completenessSchema.parse((extensions as { completeness: unknown }).completeness);
    expect(late).toMatchObject({ devices: 2, ofDevices: 3 });
    expect(data).toMatchObject({ completeness: { late: { devices: 2, deviceIds: ['d/3 <b>', 'd2'] } } });
  });
});
