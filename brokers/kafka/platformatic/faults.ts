import { AuthenticationError, protocolErrorsCodesById } from '@platformatic/kafka';

import { certificateFault } from '../../../contracts/certificates.ts';
import { messageOf, OpenFrameError } from '../../../contracts/errors.ts';

/** Errors of the protocol that this folder decides on (https://kafka.apache.org/protocol#protocol_error_codes). */
export const faultCode = {
  offsetOutOfRange: 1,
  corruptMessage: 2,
  unknownTopicOrPartition: 3,
  messageTooLarge: 10,
  leaderNotAvailable: 5,
  coordinatorNotAvailable: 15,
  illegalGeneration: 22,
  unknownMemberId: 25,
  topicAlreadyExists: 36,
  invalidProducerEpoch: 47,
  invalidTransactionState: 48,
  invalidProducerIdMapping: 49,
  duplicateSequence: 46,
  groupIdNotFound: 69,
  invalidRecord: 87,
  unstableOffsetCommit: 88,
  producerFenced: 90,
  fencedMemberEpoch: 110,
  staleMemberEpoch: 113,
} as const;

/** The caller looks for the broker anew: a leader or a coordinator moved, or none is elected yet. */
const moved = new Set([3, 5, 6, 14, 15, 16, 74, 75, 100, 103]);
/** It passes by itself where the request is repeated. */
const passing = new Set([...moved, -1, 7, 8, 9, 13, 19, 20, 41, 51, 52, 56, 72, 77, 78, 80, 83, 88, 89]);
const forbidden = new Set([29, 30, 31, 53]);
/** Who signs in, and how, is not what the broker asks for. */
const unknownUser = new Set([33, 34, 58]);
const refused = new Set([10, 18, 32, 42, 43, 44, 76, 87]);
const expelled = new Set<number>([22, 25, 27, 69, 82, 110, 113]);

/** What a broker answered instead of what was asked. */
export interface ProtocolFault {
  readonly code: number;
  readonly name: string;
  readonly message: string | null;
}

/** A connection of our own that failed, closed, or did not answer. */
export class LostConnection extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
  }
}

/** Carries a fault of one of our own requests up to where it is mended or told. */
export function protocolError(code: number, message: string | null = null): Error {
  const fault: ProtocolFault = { code, name: faultName(code), message };
  return new Error(fault.message ?? fault.name, { cause: fault });
}

/** The first protocol fault in anything thrown here or in the library; undefined where it is none. */
export function protocolFault(error: unknown): ProtocolFault | undefined {
  if (error instanceof AggregateError) return error.errors.map(protocolFault).find((f) => f !== undefined);
  if (!(error instanceof Error)) return undefined;
  const code: unknown = Reflect.get(error, 'apiCode');
  if (typeof code === 'number') {
    const message: unknown = Reflect.get(error, 'serverErrorMessage');
    return { code, name: faultName(code), message: typeof message === 'string' ? message : null };
  }
  if (isFault(error.cause)) return error.cause;
  return protocolFault(error.cause);
}

export function isMoved(error: unknown): boolean {
  const fault = protocolFault(error);
  return fault !== undefined && moved.has(fault.code);
}

/** Whether to ask again: a fault that passes, or a connection that was lost. */
export function isPassing(error: unknown): boolean {
  if (error instanceof OpenFrameError) return error.retryable;
  const fault = protocolFault(error);
  if (fault !== undefined) return passing.has(fault.code);
  return isLostConnection(error);
}

export function isExpelled(error: unknown): boolean {
  const fault = protocolFault(error);
  return fault !== undefined && expelled.has(fault.code);
}

/** A connection that failed, closed or did not answer. */
export function isLostConnection(error: unknown): boolean {
  if (!(error instanceof Error) || findCause(error, isAuthentication) !== undefined) return false;
  if (error instanceof LostConnection) return true;
  const code: unknown = Reflect.get(error, 'code');
  if (code === 'PLT_KFK_NETWORK' || code === 'PLT_KFK_TIMEOUT') return true;
  return error instanceof AggregateError && error.errors.some(isLostConnection);
}

/** The error as callers of the log know it. */
export function logError(error: unknown, doing: string): OpenFrameError {
  if (error instanceof OpenFrameError) return error;
  const fault = protocolFault(error);
  if (fault !== undefined) return faultError(fault, doing, error);
  const denied = error instanceof Error ? findCause(error, isAuthentication) : undefined;
  if (denied !== undefined) {
    return kafkaDistrust(denied) ?? unknownUserError(`${doing} failed: ${denied.message}`, error);
  }
  if (!isLostConnection(error)) return new OpenFrameError('INTERNAL', `${doing} failed.`, { cause: error });
  return unavailable(`${doing} failed: ${reasonOf(error)}`, error);
}

/** Where the brokers or we do not trust the other's certificate. */
export function kafkaDistrust(error: unknown): OpenFrameError | null {
  return certificateFault(error, 'Kafka', 'OPENFRAME_KAFKA_TLS');
}

function unknownUserError(what: string, cause: unknown): OpenFrameError {
  const message = `${what} Correct the user, password, mechanism or TLS of Kafka.`;
  return new OpenFrameError('CONFIGURATION_INVALID', message, { cause });
}

export function unavailable(what: string, cause?: unknown): OpenFrameError {
  const message = `${what} It is tried again; if that lasts, look at the Kafka brokers and the way to them.`;
  return new OpenFrameError('STORE_UNAVAILABLE', message, { retryable: true, cause });
}

function faultError(fault: ProtocolFault, doing: string, cause: unknown): OpenFrameError {
  const what = `${doing} failed: ${fault.name}${fault.message === null ? '' : ` (${fault.message})`}.`;
  const { code } = fault;
  if (unknownUser.has(code)) return unknownUserError(what, cause);
  if (forbidden.has(code)) {
    const message = `${what} Give the user of Kafka the rights it lacks: docs/operations.md lists them.`;
    return new OpenFrameError('CONFIGURATION_INVALID', message, { cause });
  }
  if (expelled.has(code)) return new OpenFrameError('BATCH_REVOKED', `${what} Discard the work.`, { cause });
  if (code === faultCode.corruptMessage) return new OpenFrameError('BATCH_CORRUPT', what, { cause });
  if (refused.has(code)) return new OpenFrameError('ARGUMENT_INVALID', what, { cause });
  if (passing.has(code)) return unavailable(what, cause);
  return new OpenFrameError('INTERNAL', what, { cause });
}

function faultName(code: number): string {
  const names: Readonly<Record<number, string>> = protocolErrorsCodesById;
  return names[code] ?? `error ${code} of the protocol`;
}

function isFault(value: unknown): value is ProtocolFault {
  return typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    'name' in value &&
    'message' in value
    ? typeof value.code === 'number' && !(value instanceof Error)
    : false;
}

function isAuthentication(error: Error): boolean {
  return (
    error instanceof AuthenticationError ||
    /requires TLS|TLS handshake|certificate|SASL/i.test(error.message) ||
    /^(CERT_|ERR_TLS|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/.test(String(Reflect.get(error, 'code')))
  );
}

function findCause(error: Error, matches: (error: Error) => boolean): Error | undefined {
  if (matches(error)) return error;
  if (error instanceof AggregateError) {
    for (const each of error.errors) {
      const found = each instanceof Error ? findCause(each, matches) : undefined;
      if (found !== undefined) return found;
    }
  }
  return error.cause instanceof Error ? findCause(error.cause, matches) : undefined;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return messageOf(error);
  const cause = error.cause instanceof Error ? ` ${error.cause.message}.` : '';
  return `${error.message}${cause}`;
}
