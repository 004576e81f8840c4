import type { Clock } from '../streams/clock.ts';
import type { Random } from '../streams/random.ts';
import type { AgentLogger } from './agent-options.ts';
import { type PostDeps, postEvents, type Refusal } from './post-events.ts';
import type { Spool, SpooledEvent } from './spool.ts';

export interface SenderDeps extends PostDeps {
  readonly spool: Spool;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: AgentLogger;
  /** The pause after everything that waited was taken. */
  readonly idleMs: number;
  /** Called after the server took events while drops are untold. */
  readonly onDropsToReport: () => void;
}

export interface Wait {
  readonly waitMs: number;
}

export interface Sender {
  /** Sends the oldest batch, settles what the server decided, and says how long to wait before the next call. */
  sendOnce(signal: AbortSignal): Promise<Wait>;
  readonly accepted: number;
  readonly refused: Readonly<Record<string, number>>;
}

const batchLimits = { events: 500, bytes: 512 * 1024 };
const backoff = { firstMs: 500, longestMs: 30_000 };
/** How long to obey a Retry-After at most: a server's slip must not silence a device for a year. */
const longestRetryAfterMs = 3_600_000;
const misconfiguredMs = 60_000;

/** Codes of a refused event that another try may mend; the event waits, all others are final. */
const passingCodes: ReadonlySet<string> = new Set(['QUOTA_EXCEEDED', 'NOT_DURABLE_NOW', 'STORE_UNAVAILABLE']);

/**
 * Empties the spool towards the server, in order, one request at a time. An event leaves the spool only when
 * the server took it or refused it for good; whatever is unclear is sent again with the same bytes. Failures
 * back off with full jitter up to 30 s (AWS Architecture Blog, "Exponential Backoff And Jitter").
 */
export function createSender(deps: SenderDeps): Sender {
  return new SpoolSender(deps);
}

class SpoolSender implements Sender {
  readonly #deps: SenderDeps;
  readonly #refused: Record<string, number> = {};
  #accepted = 0;
  #failures = 0;
  #maxEvents: number = batchLimits.events;

  constructor(deps: SenderDeps) {
    this.#deps = deps;
  }

  get accepted(): number {
    return this.#accepted;
  }

  get refused(): Readonly<Record<string, number>> {
    return { ...this.#refused };
  }

  async sendOnce(signal: AbortSignal): Promise<Wait> {
    const { spool, idleMs } = this.#deps;
    const batch = spool.lease(this.#maxEvents, batchLimits.bytes);
    if (batch.length === 0) return { waitMs: idleMs };
    const events = batch.map((event) => event.json);
    const outcome = await postEvents(this.#deps, events, signal);
    if (outcome.kind === 'answered') return this.#settle(batch, outcome.refused);
    if (outcome.kind === 'unacceptable') return this.#narrow(batch, outcome.code, outcome.message);
    spool.settle([]);
    if (signal.aborted) return { waitMs: 0 };
    if (outcome.kind === 'misconfigured') return this.#waitForPerson(outcome.reason);
    return this.#retry(outcome.reason, Math.min(outcome.retryAfterMs ?? 0, longestRetryAfterMs));
  }

  #settle(batch: readonly SpooledEvent[], refusals: readonly Refusal[]): Wait {
    const { spool, logger, idleMs, onDropsToReport } = this.#deps;
    const passing = new Set(refusals.filter((r) => passingCodes.has(r.code)).map((r) => r.index));
    spool.settle(batch.filter((_, index) => !passing.has(index)).map((event) => event.sequence));
    this.#refuse(refusals.filter((r) => !passing.has(r.index)));
    this.#accepted += batch.length - refusals.length;
    this.#maxEvents = Math.min(batchLimits.events, this.#maxEvents * 2);
    if (passing.size > 0) return this.#retry(`${passing.size} events are to come later`, 0);
    if (this.#failures > 0) logger.info({ waiting: spool.waiting }, 'The server takes events again.');
    this.#failures = 0;
    if (Object.keys(spool.unreportedDrops()).length > 0) onDropsToReport();
    return { waitMs: spool.waiting >= this.#maxEvents ? 0 : idleMs };
  }

  /** Halves what is sent until one event is left, which then is the one to blame. */
  #narrow(batch: readonly SpooledEvent[], code: string, message: string): Wait {
    const { spool } = this.#deps;
    if (batch.length > 1) {
      spool.settle([]);
      this.#maxEvents = Math.ceil(batch.length / 2);
    } else {
      spool.settle(batch.map((event) => event.sequence));
      this.#refuse([{ index: 0, code, message }]);
    }
    return { waitMs: 0 };
  }

  #refuse(refusals: readonly Refusal[]): void {
    for (const { code, message } of refusals) {
      if (this.#refused[code] === undefined) {
        const text = `The server refused an event for good: ${code} ${message}`;
        this.#deps.logger.warn({ code, reason: message }, text);
      }
      this.#refused[code] = (this.#refused[code] ?? 0) + 1;
    }
  }

  #retry(reason: string, atLeastMs: number): Wait {
    const { spool, logger, random } = this.#deps;
    const ceilingMs = Math.min(backoff.longestMs, backoff.firstMs * 2 ** Math.min(this.#failures, 16));
    this.#failures += 1;
    if (this.#failures === 1) {
      const text = `The server does not take events now (${reason}); they are kept on disk.`;
      logger.warn({ reason, waiting: spool.waiting }, text);
    }
    return { waitMs: atLeastMs + Math.max(50, Math.floor(random.next() * ceilingMs)) };
  }

  #waitForPerson(reason: string): Wait {
    const { spool, logger } = this.#deps;
    this.#failures += 1;
    const text = `This agent may not report (${reason}); check its token and address. Events are kept on disk.`;
    logger.warn({ reason, waiting: spool.waiting }, text);
    return { waitMs: misconfiguredMs };
  }
}
