import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  parse,
  specifiedRules,
  validate,
} from 'graphql';

import { OpenFrameError } from '../../contracts/errors.ts';
import { graphErrorOf } from './graph-errors.ts';
import { graphLimits } from './limits.ts';
import { measureDocument } from './measure.ts';

/** So many faults of one document are told. */
const maxFaults = 10;
const measured = ['depth', 'aliases', 'rootFields', 'directives', 'fields', 'cost'] as const;

/** The document of a text. Throws a `GraphQLError`, `QUERY_TOO_COMPLEX` where it has too many tokens. */
export function parseOperation(text: string): DocumentNode {
  try {
    return parse(text, { maxTokens: graphLimits.tokens });
  } catch (error) {
    if (error instanceof GraphQLError && error.message.includes('tokens')) {
      throw graphErrorOf(tooComplex('tokens', null));
    }
    throw error;
  }
}

/** What is wrong with a document: its size first, as validation costs more the larger it is. */
export function checkOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: unknown,
): readonly GraphQLError[] {
  const measure = measureDocument(document, membersOf(variables));
  for (const limit of measured) {
    if (measure[limit] > graphLimits[limit]) return [graphErrorOf(tooComplex(limit, measure[limit]))];
  }
  // Names that are close to a wrong one are looked for in the whole schema, for each fault: half the time of a refusal.
  return validate(schema, document, specifiedRules, { maxErrors: maxFaults, hideSuggestions: true });
}

/** Variables as they came: an object, or its JSON in an address. */
function membersOf(variables: unknown): Readonly<Record<string, unknown>> {
  if (typeof variables === 'object' && variables !== null) return { ...variables };
  if (typeof variables !== 'string') return {};
  try {
    const parsed: unknown = JSON.parse(variables);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}

function tooComplex(limit: (typeof measured)[number] | 'tokens', found: number | null): OpenFrameError {
  const allowed = graphLimits[limit];
  const is = found === null ? 'more' : Number.isFinite(found) ? String(found) : 'endless';
  return new OpenFrameError(
    'QUERY_TOO_COMPLEX',
    `The operation is too large: its ${words[limit]} may be ${allowed} at most and ${found === null ? 'are' : 'come to'} ${is}. Ask for less, or in several operations.`,
    { details: { limit, allowed, ...(found === null || !Number.isFinite(found) ? {} : { found }) } },
  );
}

const words = {
  tokens: 'tokens',
  depth: 'levels of nesting',
  aliases: 'aliases',
  rootFields: 'questions',
  directives: 'directives',
  fields: 'fields, fragments counted wherever they are spread,',
  cost: 'cost points (see docs/graphql.md)',
} as const;
