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

export interface Sender {
  /** Sends the oldest batch, settles what the server decided, and says how long to wait before the next call. */
  sendOnce(signal: AbortSignal): Promise<{ readonly waitMs: number }>;
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
  const { spool, random, logger } = deps;
  const refused: Record<string, number> = {};
  let accepted = 0;
  let failures = 0;
  let maxEvents: number = batchLimits.events;

  function retry(reason: string, atLeastMs = 0): { waitMs: number } {
    const ceilingMs = Math.min(backoff.longestMs, backoff.firstMs * 2 ** Math.min(failures, 16));
    failures += 1;
    if (failures === 1)
      logger.warn(
        { reason, waiting: spool.waiting },
        `The server does not take events now (${reason}); they are kept on disk.`,
      );
    return { waitMs: atLeastMs + Math.max(50, Math.floor(random.next() * ceilingMs)) };
  }

  function refuse(refusals: readonly Refusal[]): void {
    for (const { code, message } of refusals) {
      if (refused[code] === undefined)
        logger.warn({ code, reason: message }, `The server refused an event for good: ${code} ${message}`);
      refused[code] = (refused[code] ?? 0) + 1;
    }
  }

  function settleAnswer(batch: readonly SpooledEvent[], refusals: readonly Refusal[]): { waitMs: number } {
    const passing = new Set(refusals.filter((r) => passingCodes.has(r.code)).map((r) => r.index));
    const final = refusals.filter((r) => !passing.has(r.index));
    spool.settle(batch.filter((_, index) => !passing.has(index)).map((event) => event.sequence));
    refuse(final);
    accepted += batch.length - refusals.length;
    maxEvents = Math.min(batchLimits.events, maxEvents * 2);
    if (passing.size > 0) return retry(`${passing.size} events are to come later`);
    if (failures > 0) logger.info({ waiting: spool.waiting }, 'The server takes events again.');
    failures = 0;
    if (Object.keys(spool.unreportedDrops()).length > 0) deps.onDropsToReport();
    return { waitMs: spool.waiting >= maxEvents ? 0 : deps.idleMs };
  }

  function narrow(batch: readonly SpooledEvent[], code: string, message: string): { waitMs: number } {
    if (batch.length > 1) {
      spool.settle([]);
      maxEvents = Math.ceil(batch.length / 2);
      return { waitMs: 0 };
    }
    spool.settle(batch.map((event) => event.sequence));
    refuse([{ index: 0, code, message }]);
    return { waitMs: 0 };
  }

  return {
    async sendOnce(signal) {
      const batch = spool.lease(maxEvents, batchLimits.bytes);
      if (batch.length === 0) return { waitMs: deps.idleMs };
      const outcome = await postEvents(
        deps,
        batch.map((event) => event.json),
        signal,
      );
      if (outcome.kind === 'answered') return settleAnswer(batch, outcome.refused);
      if (outcome.kind === 'unacceptable') return narrow(batch, outcome.code, outcome.message);
      spool.settle([]);
      if (signal.aborted) return { waitMs: 0 };
      if (outcome.kind === 'busy') {
        return retry(outcome.reason, Math.min(outcome.retryAfterMs ?? 0, longestRetryAfterMs));
      }
      failures += 1;
      logger.warn(
        { reason: outcome.reason, waiting: spool.waiting },
        `This agent may not report (${outcome.reason}); check its token and address. Events are kept on disk.`,
      );
      return { waitMs: misconfiguredMs };
    },
    get accepted() {
      return accepted;
    },
    get refused() {
      return { ...refused };
    },
  };
}
