import { z } from 'zod';

const secondMs = 1000;
const unitsMs: Readonly<Record<string, number>> = {
  s: secondMs,
  m: 60 * secondMs,
  h: 3600 * secondMs,
  d: 24 * 3600 * secondMs,
};
const listLimit = 100;

/** `item` is what each member must be, in words: it becomes the message of a refusal. */
interface ListText {
  readonly description: string;
  readonly must: string;
}

/** A moment in RFC 3339 with a zone, as milliseconds since the epoch. */
export function timeParameter(description: string) {
  const must =
    'must be an RFC 3339 time with a zone, such as 2026-01-31T08:00:00Z or 2026-01-31T09:00:00%2B01:00 (a + in an address is written %2B)';
  return z.iso
    .datetime({ offset: true, error: () => must })
    .transform((text) => Date.parse(text))
    .meta({ description });
}

/** A length of time such as 30s, 1m, 5m, 1h or 1d, as milliseconds. */
export function durationParameter(description: string) {
  const must = 'must be a whole number of 1 to 999999 followed by s, m, h or d, such as 30s, 5m, 1h or 1d';
  return z
    .string({ error: () => must })
    .regex(/^[1-9][0-9]{0,5}[smhd]$/, { error: must })
    .transform((text) => Number(text.slice(0, -1)) * (unitsMs[text.slice(-1)] ?? secondMs))
    .meta({ description });
}

/** The shortest way to write a duration, such as 90s or 2h: for suggestions. */
export function formatDuration(durationMs: number): string {
  for (const unit of ['d', 'h', 'm', 's']) {
    const unitMs = unitsMs[unit] ?? secondMs;
    if (durationMs >= unitMs && durationMs % unitMs === 0) return `${durationMs / unitMs}${unit}`;
  }
  return `${Math.ceil(durationMs / secondMs)}s`;
}

/** A whole number from `min` to `max`, `fallback` where it is not given. */
export function wholeNumberParameter(description: string, min: number, max: number, fallback: number) {
  const error = (): string => `must be a whole number from ${min} to ${max}`;
  const number = z.int({ error }).min(min, { error }).max(max, { error });
  return z
    .preprocess(
      (given) => (typeof given === 'string' && /^\d{1,15}$/.test(given) ? Number(given) : given),
      number,
    )
    .default(fallback)
    .meta({ description, default: fallback });
}

/** One text of 1 to `maxLength` characters. */
export function textParameter(description: string, maxLength: number) {
  const error = (): string => `must be given once, with 1 to ${maxLength} characters`;
  return z.string({ error }).min(1, { error }).max(maxLength, { error }).meta({ description });
}

/** One of the values; case matters. */
export function choiceParameter<const Values extends readonly [string, ...string[]]>(
  description: string,
  values: Values,
) {
  return z.enum(values, { error: () => `must be one of ${values.join(', ')}` }).meta({ description });
}

/** Several values, separated by commas or the parameter repeated: alternatives. `\,` is a comma of a value, `\\` a backslash before one. At most 100. */
export function listParameter<Item extends z.ZodType>(item: Item, text: ListText) {
  const error = (): string => `must be 1 to ${listLimit} values separated by commas, each ${text.must}`;
  return z.preprocess(splitList, z.array(item, { error }).min(1, { error }).max(listLimit, { error })).meta({
    description: `${text.description} Several values, separated by commas or the parameter repeated, are alternatives; \\, is a comma of a value.`,
  });
}

function splitList(given: unknown): unknown {
  const parts: unknown[] = Array.isArray(given) ? given : [given];
  return parts.flatMap((part) => (typeof part === 'string' ? valuesOf(part) : [part]));
}

/** A value as it stands in a list. */
export function escapeListValue(value: string): string {
  return value.replaceAll(/[\\,]/g, '\\$&');
}

function valuesOf(list: string): string[] {
  const values = [''];
  for (const [piece] of list.matchAll(/\\[\\,]|[^]/g)) {
    if (piece === ',') values.push('');
    else values.push((values.pop() ?? '') + (piece.length === 2 ? piece.slice(1) : piece));
  }
  return values;
}
