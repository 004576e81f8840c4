import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createSystemClock } from '../../streams/clock.ts';
import { createFileLog } from './file-log.ts';
import { type LogLine, logLimits, type LogSource } from './log-source.ts';

let folder: string;
let path: string;
const sources: LogSource[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'openframe-file-log-'));
  path = join(folder, 'syslog');
});

afterEach(async () => {
  for (const source of sources.splice(0)) await source[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const never = new AbortController().signal;

/** Each write has a later time: a file system's own times stand still for some milliseconds. */
let writtenAtSeconds = 0;
function stamp(file: string): void {
  writtenAtSeconds = Math.max(writtenAtSeconds + 0.001, Date.now() / 1000);
  utimesSync(file, writtenAtSeconds, writtenAtSeconds);
}

function append(text: string | Buffer): void {
  writeFileSync(path, text, { flag: 'a' });
  stamp(path);
}

/** A reader of `path` whose lines and cursor are kept together, and which can be killed. */
function createReader() {
  const lines: LogLine[] = [];
  let cursor: string | undefined;
  let source: LogSource = createFileLog(path, createSystemClock());
  sources.push(source);
  const reader = {
    lines,
    messages: () => lines.filter((line) => line.logger === path).map((line) => line.message),
    async read(options: { thenCrash?: boolean } = {}): Promise<boolean> {
      const batch = await source.read(cursor, never);
      if (options.thenCrash === true) return reader.crash().then(() => true);
      if (batch === undefined) return false;
      lines.push(...batch.lines);
      cursor = batch.cursor;
      return true;
    },
    /** Until nothing is new; what was rotated is let go of at the second look. */
    async readAll(): Promise<void> {
      for (let quiet = 0; quiet < 3;) quiet = (await reader.read()) ? 0 : quiet + 1;
    },
    async crash(): Promise<void> {
      await source[Symbol.asyncDispose]();
      source = createFileLog(path, createSystemClock());
      sources.push(source);
    },
  };
  return reader;
}

function rotate(): void {
  let last = 1;
  while (existsSync(`${path}.${last}`)) last += 1;
  for (let i = last; i > 1; i--) renameSync(`${path}.${i - 1}`, `${path}.${i}`);
  renameSync(path, `${path}.1`);
}

describe('a log file', () => {
  it('begins with its newest lines, those of the last day, whole ones alone', async () => {
    const old = '2020-01-01 00:00:00 an old line\n and what belongs to it\n';
    const today = `${new Date().toISOString()} a new line\n`;
    append(old + 'x'.repeat(logLimits.firstBytes) + '\n' + old + today + 'not finished');
    const reader = createReader();
    await reader.readAll();
    expect(reader.messages()).toEqual([today.trim()]);
  });

  it('is read from its start when it appears after the agent', async () => {
    const reader = createReader();
    await reader.readAll();
    append('first\n'.repeat(2));
    await reader.readAll();
    expect(reader.messages()).toEqual(['first', 'first']);
    expect(new Set(reader.lines.map((line) => line.id)).size).toBe(2);
  });

  it('that stands still for long is not reported at the first start', async () => {
    append('without a time\n');
    utimesSync(path, 1000, 1000);
    const reader = createReader();
    await reader.readAll();
    expect(reader.messages()).toEqual([]);
  });

  it('gives a line read twice one id, and equal lines of two files two', async () => {
    append('');
    const reader = createReader();
    await reader.readAll();
    append('same\n');
    const once = createFileLog(path, createSystemClock());
    const cursor = (await once.read(undefined, never))?.cursor ?? '';
    await once[Symbol.asyncDispose]();
    expect(cursor).not.toBe('');
    await reader.read({ thenCrash: true });
    await reader.readAll();
    rotate();
    append('same\n');
    await reader.readAll();
    expect(reader.messages()).toEqual(['same', 'same']);
    expect(reader.lines[0]?.id).not.toBe(reader.lines[1]?.id);
  });

  it('says so when lines may have gone before they were read', async () => {
    append('');
    const reader = createReader();
    await reader.readAll();
    append('one\n');
    await reader.readAll();
    append('two\n');
    await reader.crash();
    unlinkSync(path);
    append('three\n');
    await reader.readAll();
    expect(reader.messages()).toEqual(['one', 'three']);
    expect(reader.lines.find((line) => line.severityText === 'WARN')?.message).toContain('lost');
  });

  it('is read through two rotations though nothing is written after them', async () => {
    append('one\n');
    const reader = createReader();
    await reader.readAll();
    rotate();
    append('two\n');
    rotate();
    await reader.readAll();
    expect(reader.messages()).toEqual(['one', 'two']);
    append('three\n');
    await reader.readAll();
    expect(reader.messages()).toEqual(['one', 'two', 'three']);
  });

  it('is read whole though it is rotated at any moment of the reading', async () => {
    append('');
    const reader = createReader();
    await reader.readAll();
    const written: string[] = [];
    let writing = true;
    const reading = (async () => {
      while (writing) await reader.read();
    })();
    for (let rotations = 0; rotations < 60; rotations++) {
      for (let i = 0; i < 3; i++) {
        written.push(`line ${written.length}`);
        append(`${written.at(-1)}\n`);
        await new Promise((resolve) => setImmediate(resolve));
      }
      rotate();
    }
    writing = false;
    await reading;
    await reader.readAll();
    expect(reader.messages()).toEqual(written);
  });

  it('is read to its end after it was deleted, as long as the agent runs', async () => {
    append('');
    const reader = createReader();
    await reader.readAll();
    append('one\n');
    await reader.readAll();
    append('two\n');
    unlinkSync(path);
    append('three\n');
    await reader.readAll();
    expect(reader.messages()).toEqual(['one', 'two', 'three']);
  });
});

describe('a log file, whatever its writer and the agent do', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀', ' ', '\n', '\n'), maxLength: 30 });
  const operation = fc.oneof(
    fc.record({ do: fc.constant('write' as const), text, cutAt: fc.nat(20) }),
    fc.record({
      do: fc.constant('long' as const),
      length: fc.integer({ min: 1, max: 3 * logLimits.lineBytes }),
    }),
    fc.record({
      do: fc.constantFrom(
        'read',
        'kill while reading',
        'kill',
        'rotate',
        'rotate and write later',
        'copy and truncate',
        'truncate',
        'replace',
      ),
    }),
  );

  it('is reported once, each line, in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 25 }), async (operations) => {
        rmSync(folder, { recursive: true, force: true });
        folder = mkdtempSync(join(tmpdir(), 'openframe-file-log-'));
        path = join(folder, 'syslog');
        append('');
        const reader = createReader();
        await reader.readAll();
        let written = '';
        let count = 0;
        const finishLine = async (): Promise<void> => {
          const end = `end ${(count += 1)}\n`;
          append(end);
          written += end;
          await reader.readAll();
        };
        for (const op of operations) {
          if (op.do === 'write' && 'text' in op) {
            const bytes = Buffer.from(`${(count += 1)}${op.text}`);
            append(bytes.subarray(0, op.cutAt));
            await reader.read();
            append(bytes.subarray(op.cutAt));
            written += bytes.toString();
          } else if (op.do === 'long' && 'length' in op) {
            append('é'.repeat(op.length));
            written += 'é'.repeat(op.length);
          } else if (op.do === 'read') await reader.read();
          else if (op.do === 'kill while reading') await reader.read({ thenCrash: true });
          else if (op.do === 'kill') await reader.crash();
          else if (op.do === 'rotate' || op.do === 'rotate and write later') {
            if (existsSync(path)) rotate();
            if (op.do === 'rotate') append('');
            written += '\n';
          } else {
            await finishLine();
            if (op.do === 'copy and truncate') {
              copyFileSync(path, `${path}.1`);
              stamp(`${path}.1`);
            }
            if (op.do === 'replace') unlinkSync(path);
            else truncateSync(path);
            append('');
          }
        }
        await finishLine();
        await reader.crash();
        const expected = written
          .split('\n')
          .flatMap(inPieces)
          .filter((line) => line !== '');
        expect(reader.messages()).toEqual(expected);
        expect(new Set(reader.lines.map((line) => line.id)).size).toBe(reader.lines.length);
      }),
      { numRuns: 150 },
    );
  }, 60_000);
});

/** A line over the bound in pieces of whole characters. */
function inPieces(line: string): string[] {
  const pieces: string[] = [''];
  let bytes = 0;
  for (const character of line) {
    const length = Buffer.byteLength(character);
    if (bytes + length > logLimits.lineBytes) {
      pieces.push('');
      bytes = 0;
    }
    pieces[pieces.length - 1] += character;
    bytes += length;
  }
  return pieces;
}
