/**
 * Every error code the platform answers with, in one list. The HTTP status of each stands in
 * `problem.ts`, nowhere else. Codes are stable: programs branch on them.
 */
export const errorCodes = [
  'ALERT_STILL_FIRING',
  'ARGUMENT_INVALID',
  'BATCH_CORRUPT',
  'BATCH_REVOKED',
  'BODY_TOO_LARGE',
  'BODY_UNREADABLE',
  'CONFIGURATION_INVALID',
  'CURSOR_INVALID',
  'DATA_FOLDER_IN_USE',
  'DATA_FOLDER_TOO_NEW',
  'DEAD_LETTER_LIMIT',
  'DEVICE_NOT_YOURS',
  'EVENT_INVALID',
  'EVENT_NOT_JSON',
  'EVENT_TIME_OUT_OF_RANGE',
  'EVENT_TOO_DEEP',
  'EVENT_TOO_LARGE',
  'GRAPHQL_INVALID',
  'INTERNAL',
  'MEDIA_TYPE_UNSUPPORTED',
  'NOT_DURABLE_NOW',
  'NOT_FOUND',
  'PORT_IN_USE',
  'QUERY_INVALID',
  'QUERY_TOO_COMPLEX',
  'QUOTA_EXCEEDED',
  'ROLE_NOT_ALLOWED',
  'STATE_CORRUPT',
  'STORE_UNAVAILABLE',
  'TOKEN_EXPIRED',
  'TOKEN_INVALID',
  'TOOL_REFUSED',
  'TOOL_UNAVAILABLE',
  'TOPOLOGY_INVALID',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export interface OpenFrameErrorOptions {
  /** true: the same call may succeed later, so the caller backs off and tries again. Default false. */
  readonly retryable?: boolean;
  /** Facts a program may read: the field, the limit, what was found. Never secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** The one error class. The message says what failed, on what, and what to do. */
export class OpenFrameError extends Error {
  override readonly name = 'OpenFrameError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: OpenFrameErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.details = options.details ?? {};
  }
}

/** True for a fault that passes by itself (a busy store, a lost connection): back off and repeat. */
export function isRetryable(error: unknown): boolean {
  return error instanceof OpenFrameError && error.retryable;
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
