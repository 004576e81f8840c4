import { randomBytes } from 'node:crypto';
import {
  type ExecutionResult,
  type FormattedExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
  subscribe as graphqlSubscribe,
} from 'graphql';

import type { Completeness } from '../../contracts/completeness.ts';
import { checkOperation, parseOperation } from './check-operation.ts';
import { executeMeasured } from './execute-measured.ts';
import type { GraphContext } from './graph-context.ts';
import { formatGraphError, statusOfGraphErrors } from './graph-errors.ts';

/** One HTTP request for GraphQL, whatever the server library calls it. */
export interface GraphHttpRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly query: unknown;
  readonly body: unknown;
}

export type GraphHttpAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly result: FormattedExecutionResult }
  /** Results one after the other; pulling is the backpressure. */
  | { readonly kind: 'stream'; readonly results: AsyncIterable<FormattedExecutionResult> };

export interface GraphRun {
  readonly schema: GraphQLSchema;
  readonly request: GraphHttpRequest;
  readonly context: GraphContext;
  readonly onFault: (error: unknown) => void;
}

/**
 * Runs the operation of a request. The one place that knows graphql-helix: another server library is put in here.
 * helix pushes results as fast as they come, so a stream is taken out of its hands and pulled instead. It is loaded with
 * the first request, since GraphiQL comes with it.
 */
export async function runOverHttp({ schema, request, context, onFault }: GraphRun): Promise<GraphHttpAnswer> {
  const { getGraphQLParameters, processRequest } = await import('graphql-helix');
  const { operationName, query, variables } = getGraphQLParameters(request);
  let stream: AsyncIterable<ExecutionResult> | null = null;
  const result = await processRequest({
    schema,
    request: { ...request, headers: { ...request.headers, accept: 'application/json' } },
    ...(operationName === undefined ? {} : { operationName }),
    ...(query === undefined ? {} : { query }),
    ...(variables === undefined ? {} : { variables }),
    parse: parseOperation,
    validate: (_schema, document) => checkOperation(schema, document, variables),
    contextFactory: () => context,
    execute: executeMeasured,
    subscribe: async (args) => {
      const results = await graphqlSubscribe(args);
      if (!(Symbol.asyncIterator in results)) return results;
      stream = results;
      return results;
    },
  });
  if (result.type === 'RESPONSE') {
    const { payload, status } = result;
    const refused = payload.data === undefined;
    return {
      kind: 'answer',
      status: refused ? refusalStatus(payload.errors, status) : 200,
      result: formatResult(payload, context, onFault),
    };
  }
  return { kind: 'stream', results: formatted(stream ?? pushed(result), context, onFault) };
}

/** GraphiQL as one page without anything from elsewhere, and the policy that holds it to that. */
export async function graphiqlPage(): Promise<{ readonly html: string; readonly policy: string }> {
  const { renderGraphiQL } = await import('graphql-helix');
  const nonce = randomBytes(16).toString('base64url');
  const html = renderGraphiQL({
    nonce,
    endpoint: '/graphql',
    headers: JSON.stringify({ 'x-openframe-csrf': '1' }),
    defaultQuery: '{ events(first: 5) { totalCount nodes { eventTime severity summary } } }',
    hybridSubscriptionTransportConfig: { transportWS: '/graphql' },
  });
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'unsafe-inline'; connect-src 'self'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  return { html, policy };
}

/** What helix refused by itself has its own status, such as 405; ours has that of the table. */
function refusalStatus(errors: ExecutionResult['errors'], status: number): number {
  return status === 405 || errors === undefined ? status : statusOfGraphErrors(errors);
}

/** A result as it is answered: errors with codes, what the stream had to leave out, how complete it is. */
export function formatResult(
  result: {
    readonly data?: FormattedExecutionResult['data'] | undefined;
    readonly errors?: readonly GraphQLError[] | undefined;
  },
  context: GraphContext,
  onFault: (error: unknown) => void,
): FormattedExecutionResult {
  const { dropped, completeness } = context;
  context.dropped = 0;
  return {
    ...(result.errors === undefined
      ? {}
      : { errors: result.errors.map((error) => formatGraphError(error, onFault)) }),
    ...(result.data === undefined ? {} : { data: result.data }),
    ...extensionsOf(dropped, result.data === undefined ? undefined : completeness),
  };
}

function extensionsOf(dropped: number, completeness: Completeness | undefined) {
  if (dropped === 0 && completeness === undefined) return {};
  return {
    extensions: {
      ...(dropped === 0 ? {} : { dropped }),
      ...(completeness === undefined ? {} : { completeness }),
    },
  };
}

async function* formatted(
  results: AsyncIterable<ExecutionResult>,
  context: GraphContext,
  onFault: (error: unknown) => void,
): AsyncGenerator<FormattedExecutionResult> {
  for await (const result of results) yield formatResult(result, context, onFault);
}

/** What helix pushes where there is nothing to pull: the one refusal of a subscription. */
async function* pushed(result: {
  subscribe(onResult: (result: ExecutionResult) => void): Promise<void>;
}): AsyncGenerator<ExecutionResult> {
  const results: ExecutionResult[] = [];
  await result.subscribe((one) => results.push(one));
  yield* results;
}
