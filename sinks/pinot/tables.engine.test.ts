import { expect, it } from 'vitest';

import { enrichedBatch, enrichedEvent, eventIdOf } from '../../conformance/enriched-events.ts';
import { north, signal, south, storedIds } from '../../conformance/event-sinks.ts';
import { createRandom } from '../../streams/random.ts';
import { rebuildReader } from '../../pipelines/rebuild.ts';
import { createPinotAnalytics } from './analytics.ts';
import { createPinotPlace, type PinotPlace, withTelemetry } from './pinot.fixture.ts';
import { declareTable, tableKinds, tableName } from './tables.ts';

it('lets many start at once on an empty cluster', async () => {
  await using place = await createPinotPlace();
  const { options } = place;
  const started = await Promise.all([1, 2, 3].map(() => createPinotAnalytics(options)));
  for (const analytics of started) {
    expect(await storedIds(analytics)).toEqual([]);
    await analytics[Symbol.asyncDispose]();
  }
});

/** A broker learns of one partition after the other, and answers from those that it knows. */
it.each([1, 2, 3])('is open when every partition can be asked: %d', async () => {
  await using place = await createPinotPlace();
  await using stack = new AsyncDisposableStack();
  stack.use(await createPinotAnalytics(place.options));
  const known = tableKinds.map((kind) => place.client.knownSegments(tableName(place.options.prefix, kind)));
  expect(await Promise.all(known)).toEqual([4, 4, 4, 4]);
});

it('says by which clock a row was written, to its tenant alone', async () => {
  await using place = await createPinotPlace();
  await using opened = await createPinotAnalytics(place.options);
  const analytics = withTelemetry(opened, place.log);
  const beforeMs = Date.now();
  await analytics.write([enrichedBatch([enrichedEvent(1)])], signal);
  const writtenMs = (await analytics.storedAtMs(north, eventIdOf(1))) ?? 0;
  expect(writtenMs).toBeGreaterThanOrEqual(beforeMs - 1000);
  expect(writtenMs).toBeLessThanOrEqual(Date.now() + 1000);
  await analytics.write([enrichedBatch([enrichedEvent(1)])], signal);
  expect(await analytics.storedAtMs(north, eventIdOf(1))).toBe(writtenMs);
  expect(await analytics.storedAtMs(south, eventIdOf(1))).toBeNull();
  expect(await analytics.storedAtMs(north, eventIdOf(2))).toBeNull();
});

it('names a record that Pinot would leave out without a word', async () => {
  await using place = await createPinotPlace();
  await using opened = await createPinotAnalytics(place.options);
  const analytics = withTelemetry(opened, place.log);
  const deep = `{"data":${'['.repeat(1500)}${']'.repeat(1500)},${JSON.stringify(enrichedEvent(1)).slice(1)}`;
  const rejected = await analytics.write([enrichedBatch([deep, enrichedEvent(2)])], signal);
  expect(rejected).toEqual([{ partition: 0, offset: 100, reason: 'nested deeper than 1000 levels' }]);
  expect(await storedIds(analytics)).toEqual([`north/${eventIdOf(2)}`]);
  await expect(analytics.write([enrichedBatch([enrichedEvent(3)])], AbortSignal.abort())).rejects.toThrow();
  await expect(analytics.deleteBefore(0)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
});

/** Pinot takes 40 s on a quiet machine until a table that was dropped is gone. */
const untilDropped = { timeout: 180_000 };

it('is made anew from its topics: the same events, samples and names of devices', untilDropped, async () => {
  await using place = await createPinotPlace();
  await using opened = await createPinotAnalytics(place.options);
  const analytics = withTelemetry(opened, place.log);
  const metrics = { samples: [{ name: 'cpu', value: 2, unit: '1' }] };
  const device = { deviceId: 'd' };
  const sample = enrichedEvent(1, { ...device, sourceType: 'openframe.metrics', data: metrics });
  await analytics.write([enrichedBatch([sample, sample])], signal);
  const news = enrichedEvent(2, { ...device, hostname: 'host' });
  await analytics.write([enrichedBatch([news], { backfill: true })], signal);
  const answers = async (): Promise<unknown[]> => {
    const filter = { search: 'host' };
    const range = { fromMs: 0, toMs: 1e13, bucketMs: 1e12 };
    return [
      await analytics.events(north, { filter, sort: 'asc', limit: 9 }),
      await analytics.metricSeries(north, { name: 'cpu', ...range, aggregate: 'count' }),
    ];
  };
  const before = await answers();
  expect(before).toMatchObject([[{ hostname: 'host' }, { hostname: 'host' }], [{ points: [[1e12, 1]] }]]);
  const { readsLog } = opened;
  if (readsLog === undefined) throw new Error('it reads no log');
  const deps = { log: place.log, clock: place.options.clock, random: createRandom(1) };
  const rebuilt = await rebuildReader(deps, 'analytics', readsLog, { dryRun: false });
  expect(rebuilt).toMatchObject({ dryRun: false, records: 3, rejected: 0 });
  expect(await answers()).toEqual(before);
});

it(
  'opens tables that are made again while servers still let go of the dropped ones',
  untilDropped,
  async () => {
    await using place = await createPinotPlace();
    const { options, client } = place;
    await (await createPinotAnalytics(options))[Symbol.asyncDispose]();
    for (const kind of tableKinds)
      await client.controller('delete', `/tableConfigs/${tableName(options.prefix, kind)}`);
    await using opened = await createPinotAnalytics(options);
    const analytics = withTelemetry(opened, place.log);
    await analytics.write([enrichedBatch([enrichedEvent(1)])], signal);
    expect(await storedIds(analytics)).toEqual([`north/${eventIdOf(1)}`]);
  },
);

it.each([
  [
    'a newer version',
    { openframeSchema: '99' },
    'DATA_FOLDER_TOO_NEW',
    /has schema 99, and this version knows 2/,
  ],
  [
    'an older version',
    { openframeSchema: '0' },
    'CONFIGURATION_INVALID',
    /has schema 0, and this version needs 2/,
  ],
  ['nobody we know', {}, 'CONFIGURATION_INVALID', /that no version of analytics made/],
])('refuses a table of %s, and changes nothing', async (_whose, customConfigs, code, message) => {
  await using place = await createPinotPlace();
  await addTable(place, { metadata: { customConfigs } });
  await expect(createPinotAnalytics(place.options)).rejects.toMatchObject({
    code,
    retryable: false,
    message: expect.stringMatching(message) as string,
  });
  expect(await tablesOf(place)).toEqual([tableName(place.options.prefix, 'events')]);
});

it('refuses a table that reads another topic, and one without a column that it needs', async () => {
  await using place = await createPinotPlace();
  const { prefix } = place.options;
  await addTable(place, {});
  const others = { ...place.options, topics: { ...place.options.topics, enriched: `${prefix}other` } };
  await expect(createPinotAnalytics(others)).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    message: expect.stringContaining(
      `reads the topic ${prefix}telemetry.enriched.v1 and not ${prefix}other`,
    ) as string,
  });
  await using narrow = await createPinotPlace();
  await addTable(narrow, {}, 'user_id');
  await expect(createPinotAnalytics(narrow.options)).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    message: expect.stringContaining('is without the column user_id') as string,
  });
});

async function addTable(place: PinotPlace, given: object, leftOut?: string): Promise<void> {
  const table = declareTable('events', place.options);
  const { schema, realtime } = table;
  const { transformConfigs, ...ingestion } = realtime.ingestionConfig;
  await place.client.controller('post', '/tableConfigs', {
    ...table,
    schema: {
      ...schema,
      dimensionFieldSpecs: schema.dimensionFieldSpecs.filter(({ name }) => name !== leftOut),
    },
    realtime: {
      ...realtime,
      tableIndexConfig: { ...realtime.tableIndexConfig, varLengthDictionaryColumns: [] },
      ingestionConfig: {
        ...ingestion,
        transformConfigs: transformConfigs.filter(({ columnName }) => columnName !== leftOut),
      },
      ...given,
    },
  });
}

async function tablesOf({ client, options }: PinotPlace): Promise<string[]> {
  const names = tableKinds.map((kind) => tableName(options.prefix, kind));
  const found = await Promise.all(names.map((name) => client.controller('get', `/tables/${name}`)));
  return names.filter((_, at) => Object.keys(found[at] ?? {}).length > 0);
}
