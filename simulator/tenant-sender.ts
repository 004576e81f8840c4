import type { Pool } from 'undici';
import { z } from 'zod';

import { OpenFrameError } from '../contracts/errors.ts';
import { Backoff } from '../streams/backoff.ts';
import type { Clock } from '../streams/clock.ts';
import type { Random } from '../streams/random.ts';

/** What the sending came to, over all tenants. */
export interface SendCounts {
  accepted: number;
  rejected: number;
  /** Events sent again because the server did not say that it has them. */
  resent: number;
  requests: number;
}

/** How long events took to be acknowledged. */
export interface DoorLatency {
  /** Called for each event: from when it was to be sent, and from when the request that got through began. */
  record(sinceDueMs: number, sinceRequestMs: number): void;
}

export interface TenantSenderDeps {
  readonly pool: Pool;
  readonly latency?: DoorLatency;
  readonly token: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly counts: SendCounts;
  readonly signal: AbortSignal;
}

const answerSchema = z.object({
  accepted: z.number(),
  rejected: z.array(z.object({ index: z.number(), code: z.string(), message: z.string() })),
});
const newline = '\n';
const maxAttemptMs = 10_000;

/** Sends one tenant's events as NDJSON, each body again and again until the server has acknowledged it. */
export class TenantSender {
  /** Different events among those added, counted by whoever adds them. */
  unique = 0;
  readonly #deps: TenantSenderDeps;
  #lines: string[] = [];
  #dueMs: number[] = [];
  #oldestMs = 0;

  constructor(deps: TenantSenderDeps) {
    this.#deps = deps;
  }

  get waiting(): number {
    return this.#lines.length;
  }

  /** When the oldest waiting line was added, milliseconds since the epoch. */
  get oldestMs(): number {
    return this.#oldestMs;
  }

  /** `dueMs` is when the line was to be sent, milliseconds since the epoch. */
  add(line: string, dueMs: number, nowMs: number): void {
    if (this.#lines.length === 0) this.#oldestMs = nowMs;
    this.#lines.push(line);
    this.#dueMs.push(dueMs);
  }

  /**
   * Sends the oldest lines, at most `maxLines`; resolves when they are acknowledged. Throws where the server says
   * that they never will be.
   */
  async flush(maxLines: number): Promise<void> {
    const lines = this.#lines.splice(0, maxLines);
    const dueMs = this.#dueMs.splice(0, maxLines);
    if (lines.length === 0) return;
    const { clock, random, counts, latency, signal } = this.#deps;
    const backoff = new Backoff({ initialMs: 20, maxMs: 500 }, clock, random);
    const body = lines.join(newline);
    while (!signal.aborted) {
      const requestMs = clock.nowMs();
      if (await this.#attempt(body)) {
        const nowMs = clock.nowMs();
        for (const due of dueMs) latency?.record(nowMs - due, nowMs - requestMs);
        return;
      }
      counts.resent += lines.length;
      await backoff.wait(signal);
    }
  }

  async #attempt(body: string): Promise<boolean> {
    const { pool, token, counts, clock, signal } = this.#deps;
    counts.requests++;
    let status: number;
    let text: string;
    let retryAfterMs = 0;
    try {
      const response = await pool.request({
        method: 'POST',
        path: '/ingest/v1/events',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
        body,
        headersTimeout: maxAttemptMs,
        bodyTimeout: maxAttemptMs,
      });
      status = response.statusCode;
      text = await response.body.text();
      retryAfterMs = Number(response.headers['retry-after'] ?? 0) * 1000;
    } catch {
      return false;
    }
    if (status === 202) {
      const answer = answerSchema.parse(JSON.parse(text));
      counts.accepted += answer.accepted;
      counts.rejected += answer.rejected.length;
      return true;
    }
    if (status === 429 || status >= 500) {
      await clock.sleep(retryAfterMs, signal);
      return false;
    }
    throw new OpenFrameError(
      'ARGUMENT_INVALID',
      `The server refused the simulated events (${status}): ${text}`,
    );
  }
}
