import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { type ErrorCode, OpenFrameError } from '../contracts/errors.ts';
import { type Problem, problemMediaType, problemOf } from '../contracts/problem.ts';

/** What Fastify itself refuses, as codes of ours. */
const fastifyCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'MEDIA_TYPE_UNSUPPORTED',
  FST_ERR_CTP_INVALID_JSON_BODY: 'BODY_UNREADABLE',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'BODY_UNREADABLE',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'BODY_UNREADABLE',
};

/**
 * Every error of this Fastify instance and the plugins below it answers as RFC 9457 problem details; call it
 * before routes are registered. A fault that is not the caller's is logged whole and
 * answered as `INTERNAL` without its text. What may pass later carries Retry-After (`details.retryAfterMs`, else
 * a second), 401 says how to authenticate (RFC 6750).
 */
export function registerProblemHandler(app: FastifyInstance): void {
  app.setErrorHandler<Error>((error, request, reply) => {
    const problem = prepareProblem(error, request, reply);
    return reply.type(problemMediaType).send(Buffer.from(JSON.stringify(problem)));
  });
}

/**
 * Unknown paths of the whole server answer as problem details as well; once, on the outermost instance. While
 * `isStarting` a path may be one that is not served yet: the answer then says to come again.
 */
export function registerNotFound(app: FastifyInstance, isStarting: () => boolean = () => false): void {
  app.setNotFoundHandler((request, reply) => {
    const what = `${request.method} ${request.url.slice(0, 200)}`;
    const error = isStarting()
      ? startingError(what)
      : new OpenFrameError('NOT_FOUND', `There is no ${what} here.`);
    const problem = describeProblem(error, reply);
    return reply.type(problemMediaType).send(Buffer.from(JSON.stringify(problem)));
  });
}

function startingError(what: string): OpenFrameError {
  const text = `The server is starting: ask for ${what} again.`;
  return new OpenFrameError('STORE_UNAVAILABLE', text, { retryable: true });
}

/**
 * Sets status and headers of the answer to a fault, logs it where it is not the caller's, and gives what the
 * body should say: for a protocol that has its own form of it.
 */
export function prepareProblem(error: Error, request: FastifyRequest, reply: FastifyReply): Problem {
  const problem = describeProblem(toKnown(error), reply);
  if (problem.status >= 500) request.log.error({ err: error }, problem.detail);
  return problem;
}

function describeProblem(known: Error, reply: FastifyReply): Problem {
  const problem = problemOf(known);
  if (known instanceof OpenFrameError && (known.retryable || problem.status === 429)) {
    reply.header('retry-after', retryAfterSeconds(known.details['retryAfterMs']));
  }
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="openframe"');
  reply.code(problem.status);
  return problem;
}

/** Whole seconds, as HTTP has them: never 0, which would ask for the same refusal again. */
function retryAfterSeconds(retryAfterMs: unknown): number {
  return typeof retryAfterMs === 'number' ? Math.min(3600, Math.max(1, Math.ceil(retryAfterMs / 1000))) : 1;
}

function toKnown(error: Error): Error {
  if (error instanceof OpenFrameError) return error;
  const { code, statusCode, validation } = error as Partial<FastifyError>;
  const ours = fastifyCodes[code ?? ''];
  if (ours !== undefined) return new OpenFrameError(ours, error.message, { cause: error });
  const isCallers =
    validation !== undefined || (statusCode !== undefined && statusCode >= 400 && statusCode < 500);
  return isCallers ? new OpenFrameError('ARGUMENT_INVALID', error.message, { cause: error }) : error;
}
