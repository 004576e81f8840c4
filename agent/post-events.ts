import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import { z } from 'zod';

import { messageOf } from '../contracts/errors.ts';
import { parseRetryAfter } from '../contracts/retry-after.ts';
import type { Clock } from '../streams/clock.ts';

/** What became of one request. */
export type PostOutcome =
  /** The server took all but the refused, which it names by their place in the request. */
  | { readonly kind: 'answered'; readonly refused: readonly Refusal[] }
  /** The request as a whole is not acceptable (400, 413, 422): smaller ones show which event is to blame. */
  | { readonly kind: 'unacceptable'; readonly code: string; readonly message: string }
  /** 429, 503 and the like: later. `retryAfterMs` where the server says when. */
  | { readonly kind: 'busy'; readonly reason: string; readonly retryAfterMs?: number }
  /** 401, 403, 404, a redirection: somebody has to change the token or the address. */
  | { readonly kind: 'misconfigured'; readonly reason: string };

export interface Refusal {
  readonly index: number;
  readonly code: string;
  readonly message: string;
}

export interface PostDeps {
  readonly serverUrl: string;
  readonly token: string;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
}

const compressAboveBytes = 1024;
const answerTimeoutMs = 30_000;
const gzipAsync = promisify(gzip);

const answerSchema = z.object({
  accepted: z.number().int().min(0),
  rejected: z.array(
    z.object({ index: z.number().int().min(0), code: z.string(), message: z.string().default('') }),
  ),
});
const problemSchema = z.object({ code: z.string().optional(), detail: z.string().optional() });

/**
 * Sends events as one NDJSON request to `POST <serverUrl>/ingest/v1/events`, compressed when that is worth it.
 * Never throws: a lost connection, a late or cut-off answer and one that does not add up are all `busy`, since
 * none of them says that the server holds the events.
 */
export async function postEvents(
  deps: PostDeps,
  events: readonly string[],
  signal: AbortSignal,
): Promise<PostOutcome> {
  const exchange = new AbortController();
  const overdue = deps.clock.sleep(answerTimeoutMs, exchange.signal).then(() => exchange.abort());
  try {
    const response = await request(deps, events, AbortSignal.any([signal, exchange.signal]));
    return read(response, await response.text(), events.length, deps.clock.nowMs());
  } catch (error) {
    return { kind: 'busy', reason: connectionFault(error) };
  } finally {
    exchange.abort();
    await overdue;
  }
}

async function request(deps: PostDeps, events: readonly string[], signal: AbortSignal): Promise<Response> {
  const plain = Buffer.from(events.join('\n') + '\n');
  const compress = plain.length > compressAboveBytes;
  return deps.fetch(new URL('/ingest/v1/events', deps.serverUrl), {
    method: 'POST',
    redirect: 'manual',
    signal,
    headers: {
      authorization: `Bearer ${deps.token}`,
      'content-type': 'application/x-ndjson',
      ...(compress ? { 'content-encoding': 'gzip' } : {}),
    },
    body: compress ? await gzipAsync(plain) : plain,
  });
}

function read(response: Response, text: string, sent: number, nowMs: number): PostOutcome {
  const { status } = response;
  if (status === 202 || status === 200) return readAnswer(text, sent);
  const problem = problemSchema.safeParse(parseJson(text)).data;
  const reason = `the server answered ${status}${problem?.detail === undefined ? '' : `: ${problem.detail}`}`;
  if (status === 400 || status === 413 || status === 422) {
    return { kind: 'unacceptable', code: problem?.code ?? `HTTP_${status}`, message: reason };
  }
  if (status === 429 || status === 408 || status >= 500) {
    const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), nowMs);
    return { kind: 'busy', reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
  return { kind: 'misconfigured', reason };
}

function readAnswer(text: string, sent: number): PostOutcome {
  const answer = answerSchema.safeParse(parseJson(text)).data;
  if (answer === undefined)
    return { kind: 'busy', reason: 'the server accepted in words that are not its own' };
  const places = new Set(answer.rejected.map((refusal) => refusal.index).filter((index) => index < sent));
  if (answer.accepted + places.size !== sent || places.size !== answer.rejected.length) {
    return { kind: 'busy', reason: `the server's answer does not account for the ${sent} events sent` };
  }
  return { kind: 'answered', refused: answer.rejected };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `fetch failed` says nothing; its cause does. */
function connectionFault(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
}
