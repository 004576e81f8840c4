import { readFile } from 'node:fs/promises';
import { basename, sep } from 'node:path';
import { z } from 'zod';

import { messageOf, OpenFrameError } from '../../contracts/errors.ts';
import { parseTimestamp } from './timestamp.ts';

/** NAB's `combined_windows.json`: for each data file, `[first, last]` timestamps of each labelled window. */
const labelsSchema = z.record(z.string(), z.array(z.tuple([z.string(), z.string()])));

export type WindowTimes = readonly (readonly [firstMs: number, lastMs: number])[];

/** Labelled windows by data file, as NAB names it: `group/file.csv`. */
export type NabLabels = ReadonlyMap<string, WindowTimes>;

/** Throws `ARGUMENT_INVALID` where the file cannot be read or is not of NAB's form. */
export async function readLabels(path: string): Promise<NabLabels> {
  try {
    const labels = labelsSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    return new Map(Object.entries(labels).map(([name, windows]) => [name, windowTimes(name, windows)]));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : messageOf(cause);
    throw new OpenFrameError('ARGUMENT_INVALID', `The labels ${path} cannot be used: ${why}`, { cause });
  }
}

function windowTimes(name: string, windows: readonly (readonly [string, string])[]): WindowTimes {
  return windows
    .map(([first, last]) => [time(name, first), time(name, last)] as const)
    .sort((a, b) => a[0] - b[0]);
}

function time(name: string, text: string): number {
  const timeMs = parseTimestamp(text);
  if (timeMs !== null) return timeMs;
  throw new OpenFrameError('ARGUMENT_INVALID', `${name}: '${text}' is no timestamp.`);
}

/** The windows of a data file: by `group/file.csv` at the end of its path, else by its name if only one has it. */
export function windowsOf(labels: NabLabels, path: string): WindowTimes {
  const parts = path.split(sep);
  const byPath = labels.get(parts.slice(-2).join('/'));
  if (byPath !== undefined) return byPath;
  const named = [...labels].filter(([name]) => basename(name) === basename(path));
  if (named.length === 1 && named[0] !== undefined) return named[0][1];
  const why = named.length === 0 ? 'has no entry' : 'has several entries of that name';
  throw new OpenFrameError('ARGUMENT_INVALID', `The labels file ${why} for ${path}.`);
}

/** Windows as row numbers. Throws `ARGUMENT_INVALID` where an end is not the time of a row. */
export function windowRows(
  path: string,
  windows: WindowTimes,
  timesMs: readonly number[],
): readonly (readonly [number, number])[] {
  return windows.map((window) => {
    const [first, last] = window.map((timeMs) => timesMs.indexOf(timeMs));
    if (first !== undefined && last !== undefined && first >= 0 && last >= first)
      return [first, last] as const;
    const text = window.map((timeMs) => new Date(timeMs).toISOString()).join(' to ');
    throw new OpenFrameError(
      'ARGUMENT_INVALID',
      `${path}: the labelled window ${text} begins or ends at no row.`,
    );
  });
}
