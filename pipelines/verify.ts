import { headers, topics } from '../contracts/topics.ts';
import type { Log } from '../brokers/log.ts';
import type { Messaging } from '../brokers/messaging.ts';
import type { StoredEventId } from '../sinks/event-log.ts';
import type { Clock } from '../streams/clock.ts';
import { HeaderReader, RecordCursor } from '../streams/record-cursor.ts';
import { createDeadLetterStore } from './dead-letter-store.ts';
import { EventLedger, type Place } from './event-ledger.ts';
import { relay } from './relay.ts';
import { endsOf, havePassed } from './until-passed.ts';

/** Something that can say which events it holds. */
export interface HoldsEvents {
  eventIds(): AsyncIterable<readonly StoredEventId[]>;
}

export interface VerifyDeps {
  readonly messaging: Messaging;
  readonly log: Log;
  readonly eventLog: HoldsEvents;
  readonly analytics: HoldsEvents;
  readonly clock: Clock;
  /** Consumer groups of the log that every event passes; one that has not begun counts as behind. */
  readonly groups: readonly string[];
  /** Asks the sinks to ack what they have written already: called while waiting for them. */
  readonly hurry?: () => void;
}

export interface StoreVerdict {
  readonly stored: number;
  /** Accepted, neither here nor in the dead letters, although everything was processed. */
  readonly lost: number;
  /** Here more than once. */
  readonly duplicated: number;
}

export interface TenantVerdict {
  readonly tenantId: string;
  /** Different events that were accepted and are still retained by the messaging. */
  readonly accepted: number;
  readonly deadLettered: number;
  readonly eventLog: StoreVerdict;
  readonly analytics: StoreVerdict;
}

export interface VerifyReport {
  /** `PENDING`: not everything was processed within the time given, so what is missing may still come. */
  readonly verdict: 'OK' | 'FAILED' | 'PENDING';
  readonly accepted: number;
  readonly deadLettered: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly tenants: readonly TenantVerdict[];
}

export interface VerifyOptions {
  /** How long to wait for what was accepted to be processed. 0 where nothing runs. */
  readonly waitMs: number;
  readonly onProgress?: (step: string) => void;
}

/** Compares what was accepted with what each store holds, event by event. */
export async function verify(deps: VerifyDeps, options: VerifyOptions): Promise<VerifyReport> {
  const progress = options.onProgress ?? ((): void => undefined);
  const ledger = new EventLedger();
  progress('reading what was accepted');
  await readAccepted(deps.messaging, ledger);
  progress('waiting for it to be processed');
  const processed = await waitUntilProcessed(deps, options.waitMs);
  progress('reading the dead letters');
  const letters = await createDeadLetterStore(deps.log, deps.clock).list({}, Number.MAX_SAFE_INTEGER);
  for (const letter of letters) {
    const eventId = letter.headers[headers.eventId];
    if (eventId !== undefined) ledger.add(letter.tenantId ?? '', eventId, 'dead-letters');
  }
  progress('reading the event log');
  await readStore(deps.eventLog, ledger, 'event-log');
  progress('reading the analytics');
  await readStore(deps.analytics, ledger, 'analytics');
  return judge(ledger, processed);
}

async function readAccepted(messaging: Messaging, ledger: EventLedger): Promise<void> {
  const cursor = new RecordCursor();
  const reader = new HeaderReader();
  for await (const batch of messaging.readAll()) {
    cursor.reset(batch);
    while (cursor.next()) {
      let eventId = '';
      let tenantId = '';
      reader.reset(cursor.bytes, cursor.headersStart);
      while (reader.next()) {
        const name = cursor.bytes.toString('latin1', reader.nameStart, reader.nameEnd);
        if (name !== headers.eventId && name !== headers.tenant) continue;
        const value = cursor.bytes.toString('utf8', reader.valueStart, reader.valueEnd);
        if (name === headers.tenant) tenantId = value;
        else eventId = value;
      }
      ledger.add(tenantId, eventId, 'accepted');
    }
  }
}

async function readStore(store: HoldsEvents, ledger: EventLedger, place: Place): Promise<void> {
  for await (const ids of store.eventIds()) {
    for (const { tenantId, eventId } of ids) ledger.add(tenantId, eventId, place);
  }
}

/** True when everything that is on the messaging now has passed every consumer. */
async function waitUntilProcessed(deps: VerifyDeps, waitMs: number): Promise<boolean> {
  const { messaging, log, clock } = deps;
  const deadlineMs = clock.nowMs() + waitMs;
  const until = async (reached: () => Promise<boolean>): Promise<boolean> => {
    for (;;) {
      if (await reached()) return true;
      if (clock.nowMs() >= deadlineMs) return false;
      deps.hurry?.();
      await clock.sleep(100);
    }
  };
  const { nextSequence } = await messaging.status();
  const relayed = await until(async () => {
    // A relay that has never begun has passed nothing, as at the first start, where it opens after the door.
    const { consumers, firstSequence } = await messaging.status();
    return (consumers[relay.name] ?? firstSequence) >= nextSequence;
  });
  if (!relayed) return false;
  for (const topic of [topics.raw, topics.enriched]) {
    const ends = await endsOf(log, topic);
    if (!(await until(async () => havePassed(deps.groups, topic, ends, await log.lag())))) return false;
  }
  return true;
}

interface Counts {
  accepted: number;
  deadLettered: number;
  readonly eventLog: { stored: number; lost: number; duplicated: number };
  readonly analytics: { stored: number; lost: number; duplicated: number };
}

function judge(ledger: EventLedger, processed: boolean): VerifyReport {
  const tenants = new Map<string, Counts>();
  ledger.forEach((tenantId, found) => {
    let counts = tenants.get(tenantId);
    if (counts === undefined) tenants.set(tenantId, (counts = emptyCounts()));
    count(counts, found);
  });
  const rows = [...tenants]
    .map(([tenantId, counts]) => ({ tenantId, ...counts }))
    .sort((a, b) => (a.tenantId < b.tenantId ? -1 : 1));
  const sum = (pick: (row: Counts) => number): number => rows.reduce((total, row) => total + pick(row), 0);
  const lost = sum((row) => row.eventLog.lost + row.analytics.lost);
  const duplicated = sum((row) => row.eventLog.duplicated + row.analytics.duplicated);
  const failed = duplicated > 0 || (processed && lost > 0);
  return {
    verdict: failed ? 'FAILED' : processed ? 'OK' : 'PENDING',
    accepted: sum((row) => row.accepted),
    deadLettered: sum((row) => row.deadLettered),
    lost,
    duplicated,
    tenants: rows,
  };
}

function emptyCounts(): Counts {
  return {
    accepted: 0,
    deadLettered: 0,
    eventLog: { stored: 0, lost: 0, duplicated: 0 },
    analytics: { stored: 0, lost: 0, duplicated: 0 },
  };
}

function count(counts: Counts, found: Readonly<Record<Place, number>>): void {
  if (found.accepted > 0) counts.accepted++;
  if (found['dead-letters'] > 0) counts.deadLettered++;
  for (const [place, verdict] of [
    ['event-log', counts.eventLog],
    ['analytics', counts.analytics],
  ] as const) {
    if (found[place] > 0) verdict.stored++;
    if (found[place] > 1) verdict.duplicated++;
    if (found.accepted > 0 && found[place] === 0 && found['dead-letters'] === 0) verdict.lost++;
  }
}
