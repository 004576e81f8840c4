import { z } from 'zod';

import type { EventFilter } from '../../sinks/analytics.ts';
import { eventFilterShape, toEventFilter } from '../rest/event-filter-query.ts';
import { parseRequest } from '../rest/parse-request.ts';
import { escapeListValue, wholeNumberParameter } from '../rest/parameters.ts';

/** Arguments as GraphQL hands them over: checked against the schema's types, nothing more. */
export type Arguments = Readonly<Record<string, unknown>>;

const filterSchema = z.strictObject(eventFilterShape);

/** The filter of an argument `filter`, held to what REST holds it to. Throws `QUERY_INVALID`. */
export function eventFilterOf({ filter }: Arguments): EventFilter {
  return toEventFilter(parseArguments(filterSchema, filter ?? {}));
}

/** Arguments as a schema gives them; null is the same as not given. Throws `QUERY_INVALID` with every fault. */
export function parseArguments<Schema extends z.ZodObject>(schema: Schema, given: unknown): z.output<Schema> {
  const members = Object.entries(givenMembers(given));
  return parseRequest(schema, Object.fromEntries(members.map(([name, value]) => [name, asListed(value)])));
}

/** The members of an input that are given: null is the same as not given, as a body has it. */
export function givenMembers(input: unknown): Arguments {
  const members = Object.entries(input ?? {});
  return Object.fromEntries(members.filter(([, value]) => value !== null && value !== undefined));
}

/** A list's values are apart already: a comma in one is its own. */
function asListed(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((one: unknown) => (typeof one === 'string' ? escapeListValue(one) : one));
}

/** Most rows of a page. */
const pageLimit = 1000;
export const pageShape = {
  first: wholeNumberParameter('Most rows of a page.', 1, pageLimit, 50),
  after: z.string().max(4096).optional(),
};
