import { errors, types } from 'cassandra-driver';

import { messageOf, OpenFrameError } from '../../contracts/errors.ts';

const codes: Readonly<Record<keyof typeof types.responseErrorCodes, number>> = types.responseErrorCodes;

/** Answers that pass by themselves: the cluster is short of replicas or time, or has too much to do. */
const passing: ReadonlySet<number> = new Set([
  codes.serverError,
  codes.unavailableException,
  codes.overloaded,
  codes.isBootstrapping,
  codes.truncateError,
  codes.writeTimeout,
  codes.readTimeout,
  codes.readFailure,
  codes.writeFailure,
  codes.unprepared,
]);

/**
 * An error of the driver as ours. `STORE_UNAVAILABLE`, retryable, where the cluster is away, slow or overloaded:
 * a write that timed out may have been applied, and the same again changes nothing. `CONFIGURATION_INVALID`
 * where user, rights or data centre are wrong. All else is `INTERNAL` and stops the process.
 */
export function storeFault(error: unknown): OpenFrameError {
  if (error instanceof OpenFrameError) return error;
  const denied = deniedBy(error);
  if (denied !== null) return denied;
  if (error instanceof errors.ResponseError && !passing.has(error.code)) return unexpected(error);
  if (error instanceof TypeError || error instanceof errors.DriverInternalError) return unexpected(error);
  return new OpenFrameError('STORE_UNAVAILABLE', `Cassandra cannot be asked now: ${textOf(error)}`, {
    retryable: true,
    cause: error,
  });
}

/** True for the overload that a coordinator reports: another one is not to be asked at once. */
export function isOverload(error: unknown): boolean {
  return error instanceof errors.ResponseError && error.code === codes.overloaded;
}

const sizeRefusal = /too large|exceeds|maximum|longer than/i;

/** True where Cassandra refuses the content of a row for its size: the same will be refused for ever. */
export function isSizeRefusal(error: unknown): boolean {
  return (
    error instanceof errors.ResponseError && error.code === codes.invalid && sizeRefusal.test(error.message)
  );
}

function deniedBy(error: unknown): OpenFrameError | null {
  const found = [error, ...innerErrors(error)];
  const failed = found.find((inner) => inner instanceof errors.AuthenticationError);
  if (failed !== undefined) {
    return misconfigured(
      `Cassandra did not take the user: ${textOf(failed)} Check user and password, and whether the cluster asks for them.`,
      error,
    );
  }
  if (error instanceof errors.ResponseError && error.code === codes.unauthorized) {
    return misconfigured(
      `The user of Cassandra lacks a right: ${error.message}. Grant CREATE, ALTER, SELECT and MODIFY on the keyspace, and SELECT on system_schema.`,
      error,
    );
  }
  if (error instanceof errors.ArgumentError && error.message.includes('localDataCenter')) {
    return misconfigured(
      `The data centre of Cassandra is named wrongly: ${error.message} Name the one whose nodes are to be asked.`,
      error,
    );
  }
  return null;
}

function misconfigured(message: string, cause: unknown): OpenFrameError {
  return new OpenFrameError('CONFIGURATION_INVALID', message, { cause });
}

function unexpected(error: Error): OpenFrameError {
  return new OpenFrameError('INTERNAL', `Cassandra refused a statement: ${error.message}`, { cause: error });
}

/** The errors of the nodes that were tried, by which "no host" says why. */
function innerErrors(error: unknown): unknown[] {
  return error instanceof errors.NoHostAvailableError ? Object.values(error.innerErrors as object) : [];
}

function textOf(error: unknown): string {
  const inner = innerErrors(error)[0];
  return inner === undefined ? messageOf(error) : `${messageOf(error)} The last said: ${messageOf(inner)}`;
}
