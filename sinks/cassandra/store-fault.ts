import { errors, types } from 'cassandra-driver';

import { certificateFault } from '../../contracts/certificates.ts';
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
 * where user, certificate, rights or data centre are wrong. All else is `INTERNAL` and stops the process.
 */
export function storeFault(error: unknown): OpenFrameError {
  if (error instanceof OpenFrameError) return error;
  const denied = deniedBy(error);
  if (denied !== null) return denied;
  if (error instanceof errors.ResponseError && !passing.has(error.code)) return unexpected(error);
  if (error instanceof TypeError || error instanceof errors.DriverInternalError) return unexpected(error);
  return new OpenFrameError('STORE_UNAVAILABLE', `Cassandra cannot be asked now: ${textOf(error)}.`, {
    retryable: true,
    cause: error,
  });
}

/** True for the overload that a coordinator reports: another one is not to be asked at once. */
export function isOverload(error: unknown): boolean {
  return error instanceof errors.ResponseError && error.code === codes.overloaded;
}

/** True for the fault of `storeFault` that says that a row is too large: the same will be refused for ever. */
export function isSizeRefusal(fault: unknown): boolean {
  return isInvalid(fault, /too large|exceeds|longer than/i);
}

/** True for the fault of `storeFault` that says that a table is not there, or not yet on this node. */
export function isMissingTable(fault: unknown): boolean {
  return isInvalid(fault, /does not exist|unconfigured table/i);
}

function isInvalid(fault: unknown, text: RegExp): boolean {
  const cause = fault instanceof OpenFrameError ? fault.cause : undefined;
  return cause instanceof errors.ResponseError && cause.code === codes.invalid && text.test(cause.message);
}

function deniedBy(error: unknown): OpenFrameError | null {
  for (const found of [error, ...innerErrors(error).values()]) {
    const distrust = certificateFault(found, 'Cassandra', 'OPENFRAME_CASSANDRA_TLS');
    if (distrust !== null) return distrust;
    if (found instanceof errors.AuthenticationError) {
      return misconfigured(
        `Cassandra did not take the user: ${found.message}. Check user and password, and whether the cluster asks for them.`,
        error,
      );
    }
    if (found instanceof errors.ResponseError && found.code === codes.unauthorized) {
      return misconfigured(
        `The user of Cassandra lacks a right: ${found.message}. Grant CREATE, ALTER, SELECT and MODIFY on the keyspace.`,
        error,
      );
    }
    if (found instanceof errors.ArgumentError && found.message.includes('localDataCenter')) {
      return misconfigured(
        `The data centre of Cassandra is named wrongly: ${found.message}. Name the one whose nodes are to be asked.`,
        error,
      );
    }
  }
  return null;
}

function misconfigured(message: string, cause: unknown): OpenFrameError {
  return new OpenFrameError('CONFIGURATION_INVALID', message, { cause });
}

function unexpected(error: Error): OpenFrameError {
  return new OpenFrameError('INTERNAL', `Cassandra refused a statement: ${error.message}`, { cause: error });
}

/** The errors of the nodes that were tried, by address: they say why there is "no host". */
function innerErrors(error: unknown): ReadonlyMap<string, unknown> {
  return new Map(
    error instanceof errors.NoHostAvailableError ? Object.entries(error.innerErrors as object) : [],
  );
}

/** Short: the driver's own text of "no host" holds the stack of an inner error. */
function textOf(error: unknown): string {
  const inner = [...innerErrors(error)].map(([address, cause]) => `${address}: ${messageOf(cause)}`);
  return inner.length === 0 ? messageOf(error) : inner.join('; ');
}
