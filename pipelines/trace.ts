import { headers, topics } from '../contracts/topics.ts';
import type { DeadLetter } from '../contracts/dead-letter.ts';
import type { TenantScope } from '../contracts/tenant.ts';
import type { Log } from '../brokers/log.ts';
import type { Messaging } from '../brokers/messaging.ts';
import type { Clock } from '../streams/clock.ts';
import { RecordCursor } from '../streams/record-cursor.ts';
import { createDeadLetterStore } from './dead-letter-store.ts';

export interface TraceStep {
  readonly step: 'device' | 'gateway' | 'messaging' | 'raw' | 'enriched' | 'event-log' | 'analytics';
  /** When it happened, milliseconds since the epoch; null where the step keeps no time. */
  readonly atMs: number | null;
  /** Where it stands: a sequence, a partition and offset, a row. */
  readonly where: string;
}

export interface Trace {
  readonly eventId: string;
  readonly tenantId: string | null;
  readonly steps: readonly TraceStep[];
  readonly deadLetters: readonly DeadLetter[];
}

/** What a store knows of one event, for a trace: null where it does not hold it. */
export interface StoreLookup {
  storedAtMs(scope: TenantScope, eventId: string): Promise<number | null>;
}

export interface TraceDeps {
  readonly messaging: Messaging;
  readonly log: Log;
  readonly eventLog: StoreLookup;
  readonly analytics: StoreLookup;
  readonly clock: Clock;
}

interface Found {
  readonly offset: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly eventTimeMs: number;
}

/** Where one event went, in the order of its way, from what each step still retains. */
export async function traceEvent(deps: TraceDeps, eventId: string): Promise<Trace> {
  const wanted = Buffer.from(eventId.toLowerCase());
  const steps: TraceStep[] = [];
  const accepted = await findIn(deps.messaging.readAll(), wanted);
  const first = accepted ?? (await findOnLog(deps.log, topics.enriched, wanted))?.found ?? null;
  if (first !== null) {
    steps.push({ step: 'device', atMs: first.eventTimeMs, where: first.headers[headers.source] ?? '' });
    const ingestMs = Number(first.headers[headers.ingestTime]);
    steps.push({ step: 'gateway', atMs: ingestMs, where: `tenant ${first.headers[headers.tenant] ?? ''}` });
  }
  if (accepted !== null) steps.push({ step: 'messaging', atMs: null, where: `sequence ${accepted.offset}` });
  for (const step of ['raw', 'enriched'] as const) {
    const hit = await findOnLog(deps.log, topics[step], wanted);
    if (hit === null) continue;
    const { partition, found } = hit;
    const atMs = await deps.log.appendedAtMs(topics[step], partition, found.offset);
    steps.push({ step, atMs, where: `${topics[step]}, partition ${partition}, offset ${found.offset}` });
  }
  const tenantId = first?.headers[headers.tenant] ?? null;
  for (const step of tenantId === null ? [] : (['event-log', 'analytics'] as const)) {
    const store = step === 'event-log' ? deps.eventLog : deps.analytics;
    const atMs = await store.storedAtMs({ tenantId: tenantId ?? '' }, eventId);
    if (atMs !== null) steps.push({ step, atMs, where: 'one row' });
  }
  const letters = await createDeadLetterStore(deps.log, deps.clock).list({}, Number.MAX_SAFE_INTEGER);
  const deadLetters = letters.filter((letter) => letter.headers[headers.eventId] === eventId);
  return { eventId, tenantId, steps, deadLetters };
}

async function findOnLog(
  log: Log,
  topic: string,
  wanted: Buffer,
): Promise<{ readonly partition: number; readonly found: Found } | null> {
  for (let partition = 0; partition < log.partitionCount(topic); partition++) {
    const found = await findIn(log.readAll(topic, partition), wanted);
    if (found !== null) return { partition, found };
  }
  return null;
}

async function findIn(batches: AsyncIterable<Buffer>, wanted: Buffer): Promise<Found | null> {
  const cursor = new RecordCursor();
  for await (const batch of batches) {
    cursor.reset(batch);
    while (cursor.next()) {
      const section = cursor.bytes.subarray(cursor.headersStart, cursor.headersEnd);
      if (!section.includes(wanted)) continue;
      const found = cursor.headers();
      if (found[headers.eventId] !== wanted.toString()) continue;
      return { offset: cursor.offset, headers: found, eventTimeMs: cursor.timestampMs };
    }
  }
  return null;
}
