import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';

import { tenantIdSchema } from '../contracts/tenant.ts';

/** Options that several commands share. */
export const jsonOption = (): Option => new Option('--json', 'print JSON on standard output');
export const dataDirOption = (): Option =>
  new Option('--data-dir <folder>', 'the folder that holds the data')
    .default('.openframe')
    .env('OPENFRAME_DATA_DIR');
export const profileOption = (): Option =>
  new Option('--profile <profile>', 'which engines to run on').choices(['embedded', 'distributed']);

export const scopeOption = (): Option =>
  new Option('--scope <scope=tenant>', 'Mesh domain, Fleet team or Tactical client of a tenant; repeat it')
    .argParser(scope)
    .default({});

const durationPattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `60s`, `5m`, `1h`, `7d` in milliseconds. */
export function parseDuration(text: string): number {
  const match = durationPattern.exec(text);
  const factor = unitMs[match?.[2] ?? ''];
  if (match === null || factor === undefined) {
    throw new InvalidArgumentError('Give a number with a unit: 500ms, 60s, 5m, 1h or 7d.');
  }
  return Number(match[1]) * factor;
}

/** An RFC 3339 time with a zone, in milliseconds since the epoch. */
export function parseTime(text: string): number {
  const timeMs = Date.parse(text);
  if (z.iso.datetime({ offset: true }).safeParse(text).success && !Number.isNaN(timeMs)) return timeMs;
  throw new InvalidArgumentError('Give a time with its zone: 2026-01-31T08:00:00Z.');
}

/** A whole number of at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`Give a whole number, at least ${least}.`);
  };
}

/** A share from 0 to less than 1. */
export function parseShare(text: string): number {
  const value = Number(text);
  if (value >= 0 && value < 1) return value;
  throw new InvalidArgumentError('Give a share from 0 to less than 1, such as 0.1.');
}

/** Names out of those that are known, separated by commas. */
export function namesOf<Name extends string>(known: readonly Name[]): (text: string) => readonly Name[] {
  return (text) =>
    text.split(',').map((name) => {
      const found = known.find((one) => one === name.trim());
      if (found === undefined) throw new InvalidArgumentError(`There are ${known.join(', ')}.`);
      return found;
    });
}

/** Arguments as they stand on a command line, none of them with a space in it. */
export function argumentsOf(text: string): readonly string[] {
  return text.split(' ').filter((part) => part !== '');
}

/** The name of a tenant. */
export function tenant(text: string): string {
  const parsed = tenantIdSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(`A tenant's name ${parsed.error.issues[0]?.message}.`);
}

/** `scope=tenant`, several times. */
function scope(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const at = text.lastIndexOf('=');
  if (at < 0) throw new InvalidArgumentError('Give scope=tenant, such as 3=bakery.');
  return { ...before, [text.slice(0, at)]: tenant(text.slice(at + 1)) };
}
