import { setImmediate as turnOfEventLoop } from 'node:timers/promises';

import type { Messaging } from '../brokers/messaging.ts';
import { type ErrorCode, OpenFrameError } from '../contracts/errors.ts';
import type { Principal } from '../contracts/tenant.ts';
import type { Clock } from '../streams/clock.ts';
import { freeMemory } from '../streams/free-memory.ts';
import type { Cache } from '../stores/cache.ts';
import { shown } from './attribute-text.ts';
import { type CheckedEvent, isRefusal, type Refusal } from './cloud-event.ts';
import { createRawRecordEncoder, type RawRecordEncoder } from './raw-record.ts';

/** Token buckets: what one tenant and one device may send. */
export interface IngestQuotas {
  readonly tenantEventsPerSecond: number;
  readonly tenantBurst: number;
  readonly deviceEventsPerSecond: number;
  readonly deviceBurst: number;
}

export interface RejectedEvent {
  /** Position in the batch, or line number, from 0. */
  readonly index: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly field?: string;
}

export interface Acceptance {
  readonly accepted: number;
  /** In ascending order of index. */
  readonly rejected: readonly RejectedEvent[];
}

/** How one entry of a batch is read: gives null for one that counts for nothing, such as a blank line. */
export type CheckEntry<T> = (entry: T, nowMs: number) => CheckedEvent | Refusal | null;

/** Where events become ours, whichever way they came: HTTP, WebSocket, OTLP. */
export interface EventDoor {
  /**
   * Takes `events` from the tenant's quota. Throws `QUOTA_EXCEEDED` with `details.retryAfterMs`, and
   * `BODY_TOO_LARGE` for more than the quota ever grants at once.
   */
  payTenant(principal: Principal, events: number): Promise<void>;
  /**
   * Checks the entries one by one and resolves when those it takes are durable; the others are named. Throws
   * a retryable `NOT_DURABLE_NOW` where they could not be stored: the caller then sends all of them again.
   */
  accept<T>(principal: Principal, entries: readonly T[], check: CheckEntry<T>): Promise<Acceptance>;
}

/** As many events are checked without a pause: a large body must not hold up the small ones of others. */
const eventsPerTurn = 500;

interface Turn {
  readonly events: CheckedEvent[];
  readonly indexes: number[];
}

export function createEventDoor(deps: {
  readonly messaging: Pick<Messaging, 'publish'>;
  readonly cache: Cache;
  readonly clock: Clock;
  readonly quotas: IngestQuotas;
}): EventDoor {
  const { messaging, cache, clock, quotas } = deps;
  const tenantBucket = { ratePerSecond: quotas.tenantEventsPerSecond, burst: quotas.tenantBurst };
  // Thousands of devices, each at one gateway at a time: what they may together is the tenant's quota.
  const deviceBucket = {
    ratePerSecond: quotas.deviceEventsPerSecond,
    burst: quotas.deviceBurst,
    perProcess: true,
  } as const;
  const encoder = createRawRecordEncoder();

  /** Events whose device is over its quota leave the turn. */
  const payDevices = async (principal: Principal, turn: Turn, rejected: RejectedEvent[]): Promise<Turn> => {
    const pay = (deviceId: string, cost: number): ReturnType<Cache['take']> =>
      cache.take(principal, `ingest.device.${deviceId}`, deviceBucket, cost);
    const counts = countByDevice(turn.events);
    const paid = await Promise.all(Array.from(counts, ([deviceId, count]) => pay(deviceId, count)));
    const over = new Set([...counts.keys()].filter((_, i) => paid[i]?.granted === false));
    if (over.size === 0) return turn;
    const kept: Turn = { events: [], indexes: [] };
    for (const [i, event] of turn.events.entries()) {
      const index = turn.indexes[i] ?? 0;
      // Not all of them fit at once, but the first ones may: an agent that was away must be able to catch up.
      const single = over.has(event.deviceId) ? await pay(event.deviceId, 1) : undefined;
      if (single?.granted === false)
        rejected.push({ index, ...overQuota(event.deviceId, single.retryAfterMs) });
      else keep(kept, event, index);
    }
    return kept;
  };

  return {
    async payTenant(principal, events) {
      if (events > quotas.tenantBurst) throw overBurst(events, quotas.tenantBurst);
      const paid = await cache.take(principal, 'ingest.tenant', tenantBucket, events);
      if (!paid.granted) throw overTenantQuota(principal.tenantId, paid.retryAfterMs);
    },
    async accept(principal, entries, check) {
      const rejected: RejectedEvent[] = [];
      const published: Promise<unknown>[] = [];
      const encoded: Buffer[] = [];
      let accepted = 0;
      for (let from = 0; from < entries.length; from += eventsPerTurn) {
        if (from > 0) await turnOfEventLoop();
        const to = Math.min(entries.length, from + eventsPerTurn);
        const checked = checkTurn(principal, entries, from, to, check, clock.nowMs(), rejected);
        const turn = await payDevices(principal, checked, rejected);
        const batches = encodeTurn(encoder, principal, turn, clock.nowMs());
        const sent = batches.map((batch) => messaging.publish(batch));
        for (const one of sent) one.catch(() => undefined);
        published.push(...sent);
        encoded.push(...batches);
        accepted += turn.events.length;
      }
      await Promise.all(published);
      encoded.forEach(freeMemory);
      return { accepted, rejected: rejected.sort((a, b) => a.index - b.index) };
    },
  };
}

function checkTurn<T>(
  principal: Principal,
  entries: readonly T[],
  from: number,
  to: number,
  check: CheckEntry<T>,
  nowMs: number,
  rejected: RejectedEvent[],
): Turn {
  const turn: Turn = { events: [], indexes: [] };
  for (let index = from; index < to; index++) {
    const checked = check(entries[index] as T, nowMs);
    if (checked === null) continue;
    const refusal = isRefusal(checked) ? checked : notYours(principal, checked);
    if (refusal !== null) rejected.push({ index, ...refusal });
    else if (!isRefusal(checked)) keep(turn, checked, index);
  }
  return turn;
}

/** A token that one device holds speaks for that device alone, in subject and in source. */
function notYours(principal: Principal, event: CheckedEvent): Refusal | null {
  const { deviceId } = principal;
  if (deviceId === undefined || (event.deviceId === deviceId && event.agentId === deviceId)) return null;
  const other = event.deviceId === deviceId ? 'source' : 'subject';
  const said = other === 'source' ? event.source : event.deviceId;
  return {
    code: 'DEVICE_NOT_YOURS',
    field: other,
    message: `The token speaks for one device and ${other} is ${shown(said)}: send with that device's own token.`,
  };
}

function encodeTurn(
  encoder: RawRecordEncoder,
  principal: Principal,
  turn: Turn,
  ingestTimeMs: number,
): readonly Buffer[] {
  const batches: Buffer[] = [];
  const seal = (): void => {
    const batch = encoder.finish();
    if (batch !== null) batches.push(batch);
  };
  try {
    for (const event of turn.events) {
      encoder.append(principal.tenantId, event, ingestTimeMs);
      if (encoder.isFull()) seal();
    }
  } finally {
    // Also after a fault: what stayed in the encoder would go out with another tenant's events.
    seal();
  }
  return batches;
}

function keep(turn: Turn, event: CheckedEvent, index: number): void {
  turn.events.push(event);
  turn.indexes.push(index);
}

function countByDevice(events: readonly CheckedEvent[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { deviceId } of events) {
    if (deviceId !== '') counts.set(deviceId, (counts.get(deviceId) ?? 0) + 1);
  }
  return counts;
}

function overQuota(deviceId: string, retryAfterMs: number): Refusal {
  return {
    code: 'QUOTA_EXCEEDED',
    message: `Device ${shown(deviceId)} sends more events than it may: send this one again in ${retryAfterMs} ms.`,
  };
}

function overTenantQuota(tenantId: string, retryAfterMs: number): OpenFrameError {
  return new OpenFrameError(
    'QUOTA_EXCEEDED',
    `Tenant ${tenantId} sends more events than it may: send them again after the time that Retry-After says.`,
    { retryable: true, details: { retryAfterMs } },
  );
}

function overBurst(events: number, limit: number): OpenFrameError {
  return new OpenFrameError(
    'BODY_TOO_LARGE',
    `The body has ${events} events and one request may bring ${limit}: send them in several requests.`,
    { details: { events, limit } },
  );
}
