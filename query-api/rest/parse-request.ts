import type { z } from 'zod';

import { type ErrorCode, OpenFrameError } from '../../contracts/errors.ts';

/** One thing that is wrong with a request. */
interface Fault {
  readonly field: string;
  readonly must: string;
  readonly received?: string;
}

const shownLength = 80;

/**
 * A request's query or path as its schema gives it. Throws `QUERY_INVALID` with every fault: which field, what
 * was received, what it must be. `given` is hostile: what a message quotes of it is cut and escaped.
 */
export function parseRequest<Schema extends z.ZodObject>(schema: Schema, given: unknown): z.output<Schema> {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const known = Object.keys(schema.shape);
  throw requestFault(
    'QUERY_INVALID',
    result.error.issues.flatMap((issue) => faultsOf(issue, given, known)),
  );
}

/** A JSON body as its schema gives it. Throws `ARGUMENT_INVALID`; what was sent is never quoted, as it may be secret. */
export function parseBody<Schema extends z.ZodObject>(schema: Schema, given: unknown): z.output<Schema> {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => ({
    field: issue.path.length === 0 ? 'body' : String(issue.path[0]),
    must: issue.message,
  }));
  throw requestFault('ARGUMENT_INVALID', faults);
}

/** The refusal of one field for a reason that its schema cannot know. */
export function fieldFault(field: string, received: unknown, must: string): OpenFrameError {
  return requestFault('QUERY_INVALID', [{ field, must, received: show(received) }]);
}

function requestFault(code: ErrorCode, faults: readonly Fault[]): OpenFrameError {
  const text = faults.map(sentence).join(' ');
  return new OpenFrameError(code, text, { details: { field: faults[0]?.field, faults } });
}

function sentence({ field, must, received }: Fault): string {
  const name = `"${field}"`;
  return received === undefined ? `${name} ${must}.` : `${name} ${must}; it is ${received}.`;
}

function faultsOf(issue: z.core.$ZodIssue, given: unknown, known: readonly string[]): Fault[] {
  if (issue.code === 'unrecognized_keys') {
    const must =
      known.length === 0
        ? 'is not known here: this route takes no parameters'
        : `is not known here; known are ${known.join(', ')}`;
    return issue.keys.slice(0, 10).map((key) => ({ field: cut(key), must }));
  }
  const field = issue.path.length === 0 ? 'body' : String(issue.path[0]);
  const received = valueAt(given, issue.path.slice(0, 1));
  if (received === undefined && issue.path.length > 0)
    return [{ field, must: `is missing; it ${issue.message}` }];
  return [{ field, must: issue.message, received: show(received) }];
}

function valueAt(given: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    return Reflect.get(value, key) as unknown;
  }, given);
}

/** JSON escapes control characters, quotes and lone surrogates; secrets are not shown because bodies are not. */
function show(value: unknown): string {
  return cut(JSON.stringify(value) ?? 'absent');
}

function cut(text: string): string {
  return text.length <= shownLength ? text : `${text.slice(0, shownLength)}…`;
}
