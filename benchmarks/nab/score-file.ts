import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { stringify } from 'csv-stringify';

import type { Detector, Point } from '../../alerting/detector.ts';
import { messageOf, OpenFrameError } from '../../contracts/errors.ts';
import { parseTimestamp } from './timestamp.ts';

export interface ScoredFile {
  readonly rows: number;
  readonly detections: number;
  /** Spent in the detector, without reading and writing. */
  readonly detectorMs: number;
  /** Of each row, where `keep` was given; empty otherwise. */
  readonly timesMs: readonly number[];
  readonly scores: readonly number[];
}

export interface ScoreFileOptions {
  /** Keeps time and score of every row in memory. */
  readonly keep: boolean;
  onProgress?(readBytes: number): void;
}

/**
 * Streams a CSV of `timestamp,value` through a detector into a CSV of `timestamp,value,anomaly_score`, one row for each
 * row, as the detector scores it knowing the rows before. `output` appears once it is whole. An empty value or NaN
 * counts as not measured. Throws `ARGUMENT_INVALID` with file, line and field for what cannot be read.
 */
export async function scoreFile<State>(
  detector: Detector<State, Point>,
  input: string,
  output: string,
  options: ScoreFileOptions,
): Promise<ScoredFile> {
  const partial = `${output}.partial`;
  const rows = new ScoreRows(detector, input, options.keep);
  const source = createReadStream(input);
  source.on('data', () => options.onProgress?.(source.bytesRead));
  try {
    await pipeline(
      source,
      parse({ bom: true, columns: true, info: true, trim: true, skip_empty_lines: true }),
      rows,
      stringify({ header: true, columns: ['timestamp', 'value', 'anomaly_score'] }),
      createWriteStream(partial),
    );
    if (rows.result.rows === 0) throw invalid(input, 1, 'there are no rows under the header');
    await rename(partial, output);
    return rows.result;
  } catch (cause) {
    await rm(partial, { force: true });
    if (cause instanceof OpenFrameError) throw cause;
    const where = cause instanceof CsvError ? `, line ${String(cause['lines'])}` : '';
    throw new OpenFrameError('ARGUMENT_INVALID', `${input}${where}: ${messageOf(cause)}`, { cause });
  }
}

interface ParsedRow {
  readonly record: Readonly<Record<string, string>>;
  readonly info: { readonly lines: number };
}

class ScoreRows<State> extends Transform {
  readonly result = {
    rows: 0,
    detections: 0,
    detectorMs: 0,
    timesMs: [] as number[],
    scores: [] as number[],
  };
  readonly #detector: Detector<State, Point>;
  readonly #state: State;
  readonly #input: string;
  readonly #keep: boolean;

  constructor(detector: Detector<State, Point>, input: string, keep: boolean) {
    super({ objectMode: true });
    this.#detector = detector;
    this.#state = detector.create();
    this.#input = input;
    this.#keep = keep;
  }

  override _transform(row: ParsedRow, _encoding: string, done: TransformCallback): void {
    try {
      done(null, this.#score(row));
    } catch (error) {
      done(error instanceof Error ? error : new Error(messageOf(error)));
    }
  }

  #score({ record, info }: ParsedRow): readonly [string, string, number] {
    const timestamp = record['timestamp'];
    const value = record['value'];
    if (timestamp === undefined || value === undefined) {
      const missing = timestamp === undefined ? 'timestamp' : 'value';
      throw invalid(this.#input, 1, `there is no column '${missing}': the header is 'timestamp,value'`);
    }
    const timeMs = parseTimestamp(timestamp);
    if (timeMs === null) throw invalid(this.#input, info.lines, `timestamp: '${timestamp}' is no time`);
    const before = performance.now();
    const score =
      this.#detector.observe(this.#state, { timeMs, value: this.#number(value, info.lines) })?.score ?? 0;
    this.result.detectorMs += performance.now() - before;
    this.result.rows++;
    if (score > 0) this.result.detections++;
    if (this.#keep) {
      this.result.timesMs.push(timeMs);
      this.result.scores.push(score);
    }
    return [timestamp, value, score];
  }

  #number(text: string, line: number): number {
    if (text === '' || /^[-+]?nan$/i.test(text)) return NaN;
    const value = Number(text);
    if (Number.isNaN(value)) throw invalid(this.#input, line, `value: '${text}' is no number`);
    return value;
  }
}

function invalid(input: string, line: number, what: string): OpenFrameError {
  return new OpenFrameError('ARGUMENT_INVALID', `${input}, line ${line}: ${what}.`);
}
