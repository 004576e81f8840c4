import kafkajs from 'kafkajs';

import { OpenFrameError } from '../../../contracts/errors.ts';
import { kafkaDistrust, logError, protocolError, unavailable } from '../platformatic/faults.ts';

/** The protocol's number of the fault in what kafkajs threw; undefined where it is none. */
export function faultCodeOf(error: unknown): number | undefined {
  if (error instanceof kafkajs.KafkaJSProtocolError) return error.code;
  return error instanceof Error && error.cause !== undefined ? faultCodeOf(error.cause) : undefined;
}

/** Leader unknown or elsewhere: nothing was written there. */
const unwritten = new Set<number | undefined>([3, 5, 6]);

/** Whether the brokers said that a batch was not stored, so that it may be sent again. */
export function isUnwritten(_told: unknown, error: unknown): boolean {
  return unwritten.has(faultCodeOf(error));
}

/** The error as callers of the log know it; `doing` begins its message. */
export function kafkajsError(error: unknown, doing: string): OpenFrameError {
  if (error instanceof OpenFrameError) return error;
  const code = faultCodeOf(error);
  if (code !== undefined && code >= 0) return logError(protocolError(code), doing);
  if (!(error instanceof Error)) return logError(error, doing);
  const distrust = kafkaDistrust(error);
  if (distrust !== null) return distrust;
  if (error.name.includes('SASL') || /certificate|TLS|SSL/i.test(error.message)) {
    const message = `${doing} failed: ${error.message}. Correct the user, password, mechanism or TLS of Kafka.`;
    return new OpenFrameError('CONFIGURATION_INVALID', message, { cause: error });
  }
  if (error instanceof kafkajs.KafkaJSError) return unavailable(`${doing} failed: ${error.message}.`, error);
  return logError(error, doing);
}
