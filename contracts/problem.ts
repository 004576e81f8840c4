import { type ErrorCode, OpenFrameError } from './errors.ts';

/** The HTTP status of every code: the one table. */
const statuses: Readonly<Record<ErrorCode, number>> = {
  ALERT_STILL_FIRING: 409,
  ARGUMENT_INVALID: 400,
  BATCH_CORRUPT: 500,
  BATCH_REVOKED: 503,
  BODY_TOO_LARGE: 413,
  BODY_UNREADABLE: 400,
  CONFIGURATION_INVALID: 500,
  CURSOR_INVALID: 400,
  DATA_FOLDER_IN_USE: 503,
  DATA_FOLDER_TOO_NEW: 500,
  DEAD_LETTER_LIMIT: 503,
  DEVICE_NOT_YOURS: 403,
  EVENT_INVALID: 422,
  EVENT_NOT_JSON: 422,
  EVENT_TIME_OUT_OF_RANGE: 422,
  EVENT_TOO_DEEP: 422,
  EVENT_TOO_LARGE: 413,
  GRAPHQL_INVALID: 400,
  INTERNAL: 500,
  MEDIA_TYPE_UNSUPPORTED: 415,
  NOT_DURABLE_NOW: 503,
  NOT_FOUND: 404,
  PORT_IN_USE: 500,
  QUERY_INVALID: 400,
  QUERY_TOO_COMPLEX: 400,
  QUOTA_EXCEEDED: 429,
  ROLE_NOT_ALLOWED: 403,
  STATE_CORRUPT: 500,
  STORE_UNAVAILABLE: 503,
  TOKEN_EXPIRED: 401,
  TOKEN_INVALID: 401,
  TOOL_REFUSED: 422,
  TOOL_UNAVAILABLE: 503,
  TOPOLOGY_INVALID: 500,
};

/** An error as HTTP answers it: RFC 9457 problem details, with the stable `code` as an extension member. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Media type of a problem (RFC 9457 section 3). */
export const problemMediaType = 'application/problem+json';

/** Any fault as a problem. What is not ours is `INTERNAL`: its text stays in the server's log. */
export function problemOf(error: unknown): Problem {
  const known =
    error instanceof OpenFrameError
      ? error
      : new OpenFrameError('INTERNAL', 'The server met a fault that it does not know; its log says more.');
  return {
    type: `urn:openframe:problem:${known.code.toLowerCase().replaceAll('_', '-')}`,
    title: known.code.toLowerCase().replaceAll('_', ' '),
    status: statuses[known.code],
    detail: known.message,
    code: known.code,
    ...(Object.keys(known.details).length === 0 ? {} : { details: known.details }),
  };
}
