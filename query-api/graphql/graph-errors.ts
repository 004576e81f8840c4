import { GraphQLError, type GraphQLFormattedError } from 'graphql';

import { OpenFrameError } from '../../contracts/errors.ts';
import { type Problem, problemOf } from '../../contracts/problem.ts';

/** A fault of ours as GraphQL carries it: to the caller it shows as `formatGraphError` says. */
export function graphErrorOf(error: OpenFrameError): GraphQLError {
  return new GraphQLError(error.message, { originalError: error });
}

/**
 * Any error of an operation as it is answered: the stable code, and the facts of ours, under `extensions`. What
 * the document or its values have wrong is `GRAPHQL_INVALID`. What is not the caller's goes to `onFault` whole
 * and is answered as `INTERNAL` without its text.
 */
export function formatGraphError(
  error: GraphQLError,
  onFault: (error: unknown) => void,
): GraphQLFormattedError {
  const problem = problemOfGraphError(error);
  if (problem.status >= 500) onFault(error.originalError ?? error);
  return {
    message: problem.detail,
    ...(error.locations === undefined ? {} : { locations: error.locations }),
    ...(error.path === undefined ? {} : { path: error.path }),
    extensions: extensionsOf(problem),
  };
}

/** A problem as the one error of an answer without data. */
export function problemAnswer(problem: Problem): { readonly errors: readonly GraphQLFormattedError[] } {
  return { errors: [{ message: problem.detail, extensions: extensionsOf(problem) }] };
}

/** The HTTP status of an answer without data: that of its first error, in the one table of problems. */
export function statusOfGraphErrors(errors: readonly GraphQLError[]): number {
  return errors[0] === undefined ? 200 : problemOfGraphError(errors[0]).status;
}

function problemOfGraphError(error: GraphQLError): Problem {
  const { originalError } = error;
  // graphql-js wraps what a resolver threw, and what coerces a value, in errors of its own.
  if (originalError === undefined || originalError instanceof GraphQLError) {
    return problemOf(new OpenFrameError('GRAPHQL_INVALID', error.message));
  }
  return problemOf(originalError);
}

function extensionsOf({ code, details }: Problem): Record<string, unknown> {
  return { code, ...(details === undefined ? {} : { details }) };
}
