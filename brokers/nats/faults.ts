import { JetStreamApiError } from '@nats-io/jetstream';
import { AuthorizationError, PermissionViolationError } from '@nats-io/transport-node';

import { type ErrorCode, messageOf, OpenFrameError } from '../../contracts/errors.ts';

/** Codes of JetStream's API errors (`err_code`, in the server's errors.json) that mean something here. */
export const apiCodes = {
  consumerExists: 10148,
  consumerNotFound: 10014,
  jetStreamNotEnabled: 10076,
  jetStreamNotEnabledForAccount: 10039,
  streamNotFound: 10059,
  /** The stream is full and refuses what is new. */
  storeFailed: 10077,
  /** The id was stored by a batch whose end is not known yet. */
  duplicateInProcess: 10158,
  /** A message of an atomic batch was published before (ADR-50): nothing of the batch is stored. */
  batchHasDuplicate: 10201,
} as const;

/** Ends the message of a fault that passes. */
export const triedAgain = ' It is tried again; if that lasts, look at NATS and the way to it.';

/** The `err_code` of an error of JetStream's API; undefined for any other. */
export function apiCodeOf(error: unknown): number | undefined {
  return error instanceof JetStreamApiError ? error.code : undefined;
}

/**
 * What was thrown while `doing`, as an error of ours: missing rights and a server without JetStream do not pass by
 * themselves; anything else is a fault of the connection or the server, to be tried again.
 */
export function natsFault(
  error: unknown,
  doing: string,
  code: ErrorCode = 'STORE_UNAVAILABLE',
): OpenFrameError {
  if (error instanceof OpenFrameError) return error;
  const violation = causeOf(error, PermissionViolationError);
  if (violation !== undefined) {
    const { operation, subject } = violation;
    const what = `${doing} failed: the user may not ${operation} ${subject}. Grant it, as docs/operations.md lists.`;
    return new OpenFrameError('CONFIGURATION_INVALID', what, {
      cause: error,
      details: { operation, subject },
    });
  }
  if (causeOf(error, AuthorizationError) !== undefined) {
    const what = `${doing} failed: NATS refuses the user, its password or the token. Give those that it knows.`;
    return new OpenFrameError('CONFIGURATION_INVALID', what, { cause: error });
  }
  const apiCode = apiCodeOf(error);
  if (apiCode === apiCodes.jetStreamNotEnabledForAccount) {
    const what = `${doing} failed: JetStream is off for this account. Turn it on in the server's configuration.`;
    return new OpenFrameError('CONFIGURATION_INVALID', what, { cause: error });
  }
  const details = apiCode === undefined ? {} : { apiCode };
  const what = `${doing} failed: ${messageOf(error)}.${triedAgain}`;
  return new OpenFrameError(code, what, { retryable: true, cause: error, details });
}

/** The error itself or what caused it, where that is of the class. */
function causeOf<T extends Error>(error: unknown, type: abstract new (...args: never[]) => T): T | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (at instanceof type) return at;
  }
  return undefined;
}
