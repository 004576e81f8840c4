import type { RecordInput } from '../../streams/record-batch.ts';
import type { StreamRecord } from '../../streams/record.ts';
import type { Changelog, Stage, StageTask } from '../../streams/stage.ts';
import { firstFormat, stateFormatOf } from '../../streams/state-format.ts';
import type { Topology } from '../../streams/topology.ts';

export const columnarFormat = 2;
const [wordBytes, wordsOfMark] = [4, 4];

/**
 * Telemetry of a version to come, which keeps the marks of dedupe word by word instead of mark by mark. It reads both
 * formats; it writes the new one, or the old one, as the release before it does.
 */
export function withColumnarMarks(topology: Topology, writes: number): Topology {
  const stages = topology.stages.map((stage) =>
    stage.name === 'dedupe' && stage.changelog !== undefined
      ? withCodec(stage, { ...stage.changelog, format: writes, reads: columnarFormat })
      : stage,
  );
  return { ...topology, stages };
}

function withCodec(stage: Stage, changelog: Changelog): Stage {
  return { ...stage, changelog, open: (opening) => taskWithCodec(stage.open(opening), changelog) };
}

function taskWithCodec(task: StageTask, { format }: Changelog): StageTask {
  const written = (change: RecordInput): RecordInput =>
    format === firstFormat ? change : { ...change, value: toColumns(bytesOf(change.value)) };
  const read = (record: StreamRecord): StreamRecord =>
    stateFormatOf(record) === firstFormat ? record : { ...record, value: fromColumns(bytesOf(record.value)) };
  return {
    process: (record) => task.process(record),
    changes: () => (task.changes?.() ?? []).map(written),
    restore: (record) => task.restore?.(read(record)),
    entries: () => task.entries?.() ?? 0,
  };
}

function bytesOf(value: RecordInput['value']): Buffer {
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  throw new Error('Marks are bytes.');
}

/** The number of marks, then the first word of each, then the second of each, and so on. */
function toColumns(marks: Buffer): Buffer {
  const count = marks.length / (wordBytes * wordsOfMark);
  const columns = Buffer.alloc(wordBytes + marks.length);
  columns.writeUInt32BE(count);
  for (let at = 0; at < marks.length / wordBytes; at++) {
    columns.writeInt32BE(marks.readInt32LE(at * wordBytes), placeInColumns(at, count));
  }
  return columns;
}

function fromColumns(columns: Buffer): Buffer {
  const count = columns.readUInt32BE();
  const marks = Buffer.alloc(columns.length - wordBytes);
  if (marks.length !== count * wordBytes * wordsOfMark) throw new Error('These are no columns of marks.');
  for (let at = 0; at < marks.length / wordBytes; at++) {
    marks.writeInt32LE(columns.readInt32BE(placeInColumns(at, count)), at * wordBytes);
  }
  return marks;
}

function placeInColumns(word: number, count: number): number {
  const [mark, column] = [Math.floor(word / wordsOfMark), word % wordsOfMark];
  return wordBytes * (1 + column * count + mark);
}
