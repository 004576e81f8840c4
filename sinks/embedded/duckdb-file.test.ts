import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { enrichedBatch, enrichedEvent } from '../../conformance/enriched-events.ts';
import { north, signal, storedIds } from '../../conformance/event-sinks.ts';
import { OpenFrameError } from '../../contracts/errors.ts';
import { createManualClock } from '../../streams/clock.ts';
import { DuckDbFile } from './duckdb-file.ts';
import { createEmbeddedEventStore } from './event-store.ts';
import { createEventsSql } from './event-table.ts';

async function tempFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'openframe-duckdb-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

const clock = createManualClock();

it('refuses a file that is open already, and opens it once that one is closed', async () => {
  await using folder = await tempFolder();
  const options = { path: join(folder.path, 'events.duckdb'), clock };
  const first = await createEmbeddedEventStore(options);
  await expect(createEmbeddedEventStore(options)).rejects.toMatchObject({ code: 'DATA_FOLDER_IN_USE' });
  await first.write([enrichedBatch([enrichedEvent(1)])], signal);
  await first[Symbol.asyncDispose]();
  await using second = await createEmbeddedEventStore(options);
  expect(await storedIds(second)).toHaveLength(1);
});

it('says that a file is damaged wherever a bit of it has flipped, and that this does not pass', async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, 'events.duckdb');
  const events = Array.from({ length: 200 }, (_, i) => enrichedEvent(i));
  {
    await using store = await createEmbeddedEventStore({ path, clock });
    await store.write([enrichedBatch(events)], signal);
  }
  const good = await readFile(path);
  const firstBlock = 12_288;
  let refused = 0;
  for (let at = firstBlock + 5_000; at < good.length; at += 100_000) {
    const bad = Buffer.from(good);
    bad[at] = (bad[at] ?? 0) ^ 1;
    await writeFile(path, bad);
    await using stack = new AsyncDisposableStack();
    const reading = createEmbeddedEventStore({ path, clock }).then((store) => storedIds(stack.use(store)));
    // A block that nothing needs is not read; one that is read is held against its checksum.
    const code = await reading.then(
      (ids) => ids.length,
      (error: unknown) => error instanceof OpenFrameError && !error.retryable && error.code,
    );
    expect([200, 'STATE_CORRUPT']).toContain(code);
    if (code === 'STATE_CORRUPT') refused++;
  }
  expect(refused).toBeGreaterThan(0);
});

it('refuses a file that a newer version wrote', async () => {
  await using folder = await tempFolder();
  const options = {
    path: join(folder.path, 'events.duckdb'),
    memoryLimitMb: 64,
    schema: [],
    readableFolder: folder.path,
  };
  await (await DuckDbFile.open({ ...options, schemaVersion: 99 }))[Symbol.asyncDispose]();
  const refused = createEmbeddedEventStore({ path: options.path, clock });
  await expect(refused).rejects.toMatchObject({ code: 'DATA_FOLDER_TOO_NEW' });
});

it('takes over a file of format 2, which has no messages', async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, 'events.duckdb');
  const format2 = createEventsSql.replace(', message VARCHAR', '');
  const older = { path, memoryLimitMb: 64, schema: [format2], schemaVersion: 2, readableFolder: folder.path };
  await (await DuckDbFile.open(older))[Symbol.asyncDispose]();
  for (const found of [1, 2]) {
    await using store = await createEmbeddedEventStore({ path, clock });
    const event = enrichedEvent(found, { data: { message: 'said at length' } });
    expect(await store.write([enrichedBatch([event])], signal)).toEqual([]);
    const request = { filter: { search: 'length' }, sort: 'asc', limit: 9 } as const;
    expect(await store.events(north, request)).toHaveLength(found);
  }
  await expect(DuckDbFile.open(older)).rejects.toMatchObject({ code: 'DATA_FOLDER_TOO_NEW' });
});

it('writes to a path with quotes and the characters of patterns', async () => {
  await using folder = await tempFolder();
  await using log = await createEmbeddedEventStore({
    path: join(folder.path, "o'[a]*", 'events.duckdb'),
    clock,
  });
  expect(await log.write([enrichedBatch([enrichedEvent(1)])], signal)).toEqual([]);
  expect(await storedIds(log)).toHaveLength(1);
});

it('refuses a path that the engine would take for a query', async () => {
  const refused = createEmbeddedEventStore({ path: join(tmpdir(), 'a?b', 'events.duckdb'), clock });
  await expect(refused).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
});

it('leaves no staging file behind', async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, 'events.duckdb');
  await using log = await createEmbeddedEventStore({ path, clock });
  await log.write([enrichedBatch([enrichedEvent(1), 'not JSON'])], signal);
  expect(await readdir(`${path}.staging`)).toEqual([]);
  await log[Symbol.asyncDispose]();
  await expect(readdir(`${path}.staging`)).rejects.toMatchObject({ code: 'ENOENT' });
});
