import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { DocumentStore } from '../stores/documents.ts';
import { createEmbeddedDocuments } from '../stores/embedded/documents.ts';
import type { RunStatus } from '../streams/running.ts';
import { createTempFolder } from '../tests/support/temp-folder.ts';
import { createStatusBoard } from './status-board.ts';

let resources: AsyncDisposableStack;
let documents: DocumentStore;

beforeEach(async () => {
  resources = new AsyncDisposableStack();
  const folder = resources.use(await createTempFolder());
  documents = resources.use(createEmbeddedDocuments({ path: `${folder.path}/documents.db` }));
});

afterEach(() => resources.disposeAsync());

function status(recordsIn: number, change: Partial<RunStatus> = {}): RunStatus {
  return {
    name: 'telemetry',
    state: 'running',
    reason: null,
    from: ['telemetry.raw.v1'],
    to: 'telemetry.enriched.v1',
    recordsIn,
    recordsOut: recordsIn,
    deadLetters: 1,
    ratePerSecond: recordsIn / 10,
    latencyMs: { p50: recordsIn, p99: recordsIn, max: recordsIn },
    stages: [
      {
        name: 'dedupe',
        recordsIn,
        emitted: recordsIn,
        dropped: { duplicate: 2 },
        deadLetters: 0,
        ratePerSecond: 1,
        microsPerRecord: recordsIn,
      },
    ],
    ...change,
  };
}

describe('the status board', () => {
  it('adds up the processes of a pipeline', async () => {
    const board = createStatusBoard(documents, () => 1000);
    await board.write('a', [status(10)]);
    await board.write('b', [status(30)]);
    const [sum] = await board.read(['telemetry']);
    expect(sum).toMatchObject({ state: 'running', recordsIn: 40, deadLetters: 2, ratePerSecond: 4 });
    expect(sum?.latencyMs.p99).toBe(30);
    expect(sum?.stages).toMatchObject([
      { name: 'dedupe', recordsIn: 40, dropped: { duplicate: 4 }, microsPerRecord: 25 },
    ]);
  });

  it('adds up what the processes of a pipeline read back, and says how long a million took', async () => {
    const board = createStatusBoard(documents, () => 1000);
    const read = { partitions: 1, records: 3, sizeBytes: 100, entries: 1_000, elapsedMs: 2 };
    await board.write('a', [status(1, { restored: { ...read, msByMillion: 2_000 } })]);
    await board.write('b', [status(1, { restored: { ...read, elapsedMs: 4, msByMillion: 4_000 } })]);
    await board.write('c', [status(1)]);
    const [sum] = await board.read(['telemetry']);
    const both = { partitions: 2, records: 6, sizeBytes: 200, entries: 2_000, elapsedMs: 6 };
    expect(sum?.restored).toEqual({ ...both, msByMillion: 3_000 });
  });

  it('says of a pipeline that no process runs that it is stopped, and what to do', async () => {
    const board = createStatusBoard(documents, () => 1000);
    const [absent] = await board.read(['relay']);
    expect(absent).toMatchObject({ name: 'relay', state: 'stopped' });
    expect(absent?.reason).toContain('openframe service');
  });

  it('forgets a process that fell silent, whatever its clock said', async () => {
    let nowMs = 1_000_000;
    const reader = createStatusBoard(documents, () => nowMs);
    const ahead = createStatusBoard(documents, () => nowMs + 86_400_000);
    await ahead.write('a', [status(10)]);
    expect((await reader.read(['telemetry']))[0]?.state).toBe('running');
    nowMs += 4_000;
    await ahead.write('a', [status(11)]);
    nowMs += 4_000;
    expect((await reader.read(['telemetry']))[0]?.recordsIn).toBe(11);
    nowMs += 6_000;
    expect((await reader.read(['telemetry']))[0]?.state).toBe('stopped');
  });

  it('names what troubles one of several, which go on', async () => {
    const board = createStatusBoard(documents, () => 1000);
    await board.write('a', [status(10)]);
    await board.write('b', [status(1, { state: 'stopped', reason: 'too many dead letters' })]);
    expect((await board.read(['telemetry']))[0]).toMatchObject({
      state: 'running',
      reason: 'too many dead letters',
    });
    await board.clear('b', ['telemetry']);
    expect((await board.read(['telemetry']))[0]).toMatchObject({ recordsIn: 10, reason: null });
  });
});
