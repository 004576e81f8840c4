import { OpenFrameError } from '../../../contracts/errors.ts';
import { logError, protocolError, protocolFault, unavailable } from '../platformatic/faults.ts';

/** librdkafka's own errors are below zero; what brokers answered is above (rdkafka.h, rd_kafka_resp_err_t). */
export const localFault = {
  assignPartitions: -175,
  revokePartitions: -174,
  queueFull: -184,
  timedOut: -185,
} as const;
/** Illegal generation, rebalance in progress, stale member epoch. */
const staleGeneration = new Set<number | undefined>([22, 27, 113]);

const forbidden = new Set([-169, -181]);

/** The number of the fault in what librdkafka gave; undefined where it is none. */
export function faultCodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || error instanceof OpenFrameError) return undefined;
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'number' ? code : undefined;
}

/** Whether the group knew of a later generation than was named: librdkafka learns of it soon. */
export function isStaleGeneration(error: unknown): boolean {
  return staleGeneration.has(faultCodeOf(error) ?? protocolFault(error)?.code);
}

/** The error as callers of the log know it; `doing` begins its message. */
export function nativeError(error: unknown, doing: string): OpenFrameError {
  if (error instanceof OpenFrameError) return error;
  const code = faultCodeOf(error);
  if (code === undefined || !(error instanceof Error)) return logError(error, doing);
  if (code > 0) return logError(protocolError(code, error.message), doing);
  if (forbidden.has(code)) {
    const message = `${doing} failed: ${error.message}. Correct the user, password, mechanism or TLS of Kafka.`;
    return new OpenFrameError('CONFIGURATION_INVALID', message, { cause: error });
  }
  return unavailable(`${doing} failed: ${error.message}.`, error);
}
