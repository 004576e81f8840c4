import { messageOf, OpenFrameError } from '../../contracts/errors.ts';

/** True where the engine refused values, not where it could not work: another record may fare better. */
export function isRefusal(error: unknown): boolean {
  return /^(Invalid Input|Conversion|Constraint|Out of Range|Parameter Not Resolved) Error/.test(
    messageOf(error),
  );
}

/**
 * Any fault as ours: `STATE_CORRUPT` for a file whose checksums are wrong, retryable `STORE_UNAVAILABLE` for what may
 * pass (no space, no memory, no file, closed), `INTERNAL` for what will not.
 */
export function storeFault(error: unknown, path: string): OpenFrameError {
  if (error instanceof OpenFrameError) return error;
  const message = messageOf(error);
  if (message.includes('Could not set lock on file')) return inUse(path, error);
  if (/Corrupt database file|does not match stored checksum/.test(message))
    return damaged(path, message, error);
  if (!mayPass(error, message)) {
    return new OpenFrameError('INTERNAL', `The store at ${path} met a fault: ${message}`, { cause: error });
  }
  return new OpenFrameError(
    'STORE_UNAVAILABLE',
    `The store at ${path} could not do it: ${message}. Check the disk's space and the folder's permissions.`,
    { retryable: true, cause: error },
  );
}

function mayPass(error: unknown, message: string): boolean {
  if (error instanceof Error && 'syscall' in error) return true;
  return /^(IO|Out of Memory|FATAL|Interrupt|INTERRUPT|Connection|Permission|TransactionContext|Transaction) Error|disconnected|invalidated/i.test(
    message,
  );
}

/** Each block of the file has a checksum. What it held is in the log, as far back as that goes. */
function damaged(path: string, message: string, cause: unknown): OpenFrameError {
  return new OpenFrameError(
    'STATE_CORRUPT',
    `The store at ${path} is damaged: ${message}. Nothing of it is used. Stop the platform, put a copy of the file in its ` +
      `place or move it away, start again, and run openframe rebuild event-log: it writes what the log still holds.`,
    { cause },
  );
}

export function inUse(path: string, cause?: unknown): OpenFrameError {
  return new OpenFrameError(
    'DATA_FOLDER_IN_USE',
    `${path} is open already, here or in another process. End that one, or choose another data folder.`,
    { cause },
  );
}

export function closed(path: string): OpenFrameError {
  return new OpenFrameError('STORE_UNAVAILABLE', `The store at ${path} is closed.`, { retryable: true });
}
