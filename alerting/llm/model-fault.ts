import { APIConnectionError, APIError } from '@anthropic-ai/sdk';

import { parseRetryAfter } from '../../contracts/retry-after.ts';
import type { FallbackReason } from '../../contracts/triage.ts';

/** Why a question was not answered. */
export interface ModelFault {
  readonly reason: FallbackReason;
  readonly message: string;
  /** Asking again may help; null where the API did not say after how long. */
  readonly again: { readonly afterMs: number | null } | null;
}

/** By the API's own names for what is over soon. */
const passing = ['overloaded_error', 'rate_limit_error', 'api_error', 'timeout_error'];

/** What an error of the client means. Nothing of the API's texts is passed on: it could be anything, of anybody. */
export function modelFaultOf(error: unknown, nowMs: number): ModelFault {
  if (error instanceof APIConnectionError)
    return { reason: 'unreachable', message: 'The model’s API does not answer.', again: { afterMs: null } };
  if (!(error instanceof APIError)) return malformed('its stream cannot be read');
  const status: unknown = error.status;
  const named = typeof status === 'number' ? ` (${status})` : '';
  if (passing.includes(error.type ?? '') || (typeof status === 'number' && passesBy(status))) {
    const headers: unknown = error.headers;
    const header = headers instanceof Headers ? headers.get('retry-after') : null;
    const afterMs = parseRetryAfter(header, nowMs) ?? null;
    return {
      reason: 'overloaded',
      message: `The model’s API has no room for the question now${named}.`,
      again: { afterMs },
    };
  }
  if (status === undefined) return malformed('its stream ended with an error');
  const what = status === 401 || status === 403 ? 'the key' : status === 404 ? 'the model' : 'the question';
  return { reason: 'not-allowed', message: `The model’s API does not take ${what}${named}.`, again: null };
}

export function malformed(why: string): ModelFault {
  return { reason: 'malformed', message: `The model’s answer was of no use: ${why}.`, again: null };
}

function passesBy(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500;
}
