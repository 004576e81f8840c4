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
  /** Events given up because their tenant was over its quota, where the sender does that. */
  refused: number;
  requests: number;
}

/** How long events took to be acknowledged. */
export interface DoorLatency {
  /**
   * Called for each body, at `nowMs`: when each of its events was to be sent, and when the request that got through
   * began. Milliseconds since the epoch.
   */
  record(dueMs: Float64Array, requestMs: number, nowMs: number): void;
}

export interface TenantSenderDeps {
  readonly pool: Pool;
  readonly latency?: DoorLatency;
  readonly token: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly counts: SendCounts;
  readonly signal: AbortSignal;
  /** So much older its first line counts as, so that senders that start together do not always send together. */
  readonly phaseMs?: number;
  /** Whether a body that is over the tenant's quota is given up, and counted as refused, instead of sent again. */
  readonly dropRefused?: boolean;
}

const answerSchema = z.object({
  accepted: z.number(),
  rejected: z.array(z.object({ index: z.number(), code: z.string(), message: z.string() })),
});
const maxAttemptMs = 10_000;

/** A body of so many bytes or events is whole. */
const wholeBytes = 256 * 1024;
const wholeEvents = 500;
const firstBytes = 4096;
const newline = 0x0a;

/** Events that go in one request. */
interface Body {
  readonly bytes: Buffer;
  /** When each of them was to be sent. */
  readonly dueMs: Float64Array;
}

/** Sends one tenant's events as NDJSON, each body again and again until the server has acknowledged or, where asked for, refused it. */
export class TenantSender {
  /** Different events among those added, counted by whoever adds them. */
  unique = 0;
  readonly #deps: TenantSenderDeps;
  /** Bodies that wait, the last of them being filled. */
  readonly #whole: Body[] = [];
  #bytes = Buffer.allocUnsafeSlow(firstBytes);
  #length = 0;
  readonly #dueMs = new Float64Array(wholeEvents);
  #events = 0;
  #oldestMs = 0;
  #phaseMs: number;

  constructor(deps: TenantSenderDeps) {
    this.#deps = deps;
    this.#phaseMs = deps.phaseMs ?? 0;
  }

  /** Bodies that wait and will not grow any more. */
  get wholeBodies(): number {
    return this.#whole.length;
  }

  /** Whether anything waits. */
  get isWaiting(): boolean {
    return this.#events > 0 || this.#whole.length > 0;
  }

  /** When the oldest line of the body that still grows was added, milliseconds since the epoch. */
  get oldestMs(): number {
    return this.#oldestMs;
  }

  /** `line` is one event as JSON; `dueMs` is when it was to be sent, milliseconds since the epoch. */
  add(line: string, dueMs: number, nowMs: number): void {
    if (this.#events === 0) {
      this.#oldestMs = nowMs - this.#phaseMs;
      this.#phaseMs = 0;
    }
    const mostBytes = line.length * 3 + 1;
    if (this.#length + mostBytes > this.#bytes.length) this.#grow(mostBytes);
    this.#length += this.#bytes.write(line, this.#length);
    this.#bytes[this.#length++] = newline;
    this.#dueMs[this.#events++] = dueMs;
    if (this.#events === wholeEvents || this.#length >= wholeBytes) this.#close();
  }

  /** Sends the oldest body; resolves when it is acknowledged or given up. Throws where the server says that it never will be. */
  async flush(): Promise<void> {
    if (this.#whole.length === 0 && this.#events > 0) this.#close();
    const body = this.#whole.shift();
    if (body !== undefined) await this.#send(body);
  }

  #grow(bytes: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#length + bytes, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }

  #close(): void {
    const bytes = Buffer.from(this.#bytes.subarray(0, this.#length));
    this.#whole.push({ bytes, dueMs: this.#dueMs.slice(0, this.#events) });
    this.#length = 0;
    this.#events = 0;
  }

  async #send({ bytes, dueMs }: Body): Promise<void> {
    const { clock, random, counts, latency, signal } = this.#deps;
    const backoff = new Backoff({ initialMs: 20, maxMs: 500 }, clock, random);
    while (!signal.aborted) {
      const requestMs = clock.nowMs();
      const outcome = await this.#attempt(bytes);
      if (outcome === 'acknowledged') latency?.record(dueMs, requestMs, clock.nowMs());
      if (outcome === 'refused') counts.refused += dueMs.length;
      if (outcome !== 'again') return;
      counts.resent += dueMs.length;
      await backoff.wait(signal);
    }
  }

  async #attempt(body: Buffer): Promise<'acknowledged' | 'refused' | 'again'> {
    const { pool, token, counts, clock, signal, dropRefused } = this.#deps;
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
      return 'again';
    }
    if (status === 202) {
      const answer = answerSchema.parse(JSON.parse(text));
      counts.accepted += answer.accepted;
      counts.rejected += answer.rejected.length;
      return 'acknowledged';
    }
    if (status === 429 && dropRefused === true) return 'refused';
    if (status === 429 || status >= 500) {
      await clock.sleep(retryAfterMs, signal);
      return 'again';
    }
    throw new OpenFrameError(
      'ARGUMENT_INVALID',
      `The server refused the simulated events (${status}): ${text}`,
    );
  }
}
