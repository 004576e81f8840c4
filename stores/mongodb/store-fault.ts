import { MongoServerError } from 'mongodb';

import { certificateFault } from '../../contracts/certificates.ts';
import { messageOf, OpenFrameError } from '../../contracts/errors.ts';

/** https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml */
const duplicateKey = 11000;
const notAllowed: ReadonlySet<unknown> = new Set([13, 18]);

export function isDuplicate(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === duplicateKey;
}

export function storeClosed(where: string): OpenFrameError {
  return new OpenFrameError('STORE_UNAVAILABLE', `The document store at ${where} was closed.`);
}

/** What a call of the driver threw: it passes by itself, unless the server refuses who we are. */
export function toStoreFault(error: unknown, what: string, where: string): OpenFrameError {
  if (error instanceof OpenFrameError) return error;
  if (error instanceof MongoServerError && notAllowed.has(error.code)) {
    return new OpenFrameError(
      'CONFIGURATION_INVALID',
      `MongoDB at ${where} refuses to ${what} (${error.message}): give a user who may read and write this database.`,
      { cause: error },
    );
  }
  const distrust = certificateFault(error, `MongoDB at ${where}`, 'OPENFRAME_MONGODB_TLS');
  if (distrust !== null) return distrust;
  return new OpenFrameError(
    'STORE_UNAVAILABLE',
    `The document store could not ${what}: MongoDB at ${where}: ${messageOf(error)}. See that the server runs and has a primary.`,
    { retryable: true, cause: error },
  );
}
