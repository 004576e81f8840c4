import { dateValue, intValue, timestampValue, uuidValue } from './cql-values.ts';
import type { PlacedEvent } from './enriched-record.ts';
import {
  dayAndBucket,
  eventTimestamp,
  hourMs,
  repetitionTimestamp,
  slotOf,
  type SlotWidths,
  ttlSeconds,
} from './placement.ts';
import type { EventStatements } from './schema.ts';
import type { CqlBatch, CqlParameter, CqlStatement } from './session.ts';

/** What decides where rows go and how long they stay. */
export interface Placement {
  readonly statements: EventStatements;
  readonly widths: SlotWidths;
  readonly retentionMs: number | undefined;
  /** Of the types that are kept longest. */
  readonly longestMs: number | undefined;
  retentionOf(eventType: string): number | undefined;
}

/**
 * One mutation. A batch of one partition is not subject to the server's batch limits (5 and 50 KiB), only to
 * that of a mutation (half a commit log segment, 16 MiB by default), which a single event stays below.
 */
const batchBytes = 64 * 1024;
/** What a row takes beside its event: encoded key, time, id, and the statement's own bytes. */
const rowOverheadBytes = 120;

/** What all rows of one partition have in common, encoded once. */
interface Partition {
  readonly tenantId: Buffer;
  readonly day: Buffer;
  readonly bucket: Buffer;
  readonly timestamp: bigint;
  /** By how long the rows are kept. */
  readonly ttls: Map<number | undefined, Buffer>;
  readonly endMs: number;
  open: CqlStatement[];
  openBytes: number;
}

/** Gathers the rows of one write, and cuts them into batches of one partition each. */
export class EventBatches {
  readonly #placement: Placement;
  readonly #nowMs: number;
  readonly #writtenMs: number;
  readonly #tenants = new Map<
    string,
    { readonly bySlot: Map<number, Partition>; readonly deviceSlots: Map<number, Partition> }
  >();
  readonly #batches: CqlBatch[] = [];

  /** `writtenMs` gives the rows' timestamps: later than that of the write before. */
  constructor(placement: Placement, nowMs: number, writtenMs: number) {
    this.#placement = placement;
    this.#nowMs = nowMs;
    this.#writtenMs = writtenMs;
  }

  /** Adds the rows of an event; `value` is its enriched JSON, which must not change until it is written. */
  add(event: PlacedEvent, value: Buffer): void {
    const { statements, widths } = this.#placement;
    const tenant = this.#tenant(event.tenantId);
    const time = timestampValue(event.eventTimeMs);
    const id = uuidValue(event.eventId);
    const whole = this.#partition(tenant.bySlot, event, widths.tenantSlotMs);
    const { tenantId, day, bucket } = whole;
    const params = [tenantId, day, bucket, time, id, value, this.#ttl(whole, event)];
    this.#push(whole, statements.insertEvent, params, value.length + rowOverheadBytes);
    this.addToDevice(event);
  }

  /** Adds the row that says that its device has this event; nothing where it names none. */
  addToDevice(event: PlacedEvent): void {
    if (event.deviceId === null) return;
    const { statements, widths } = this.#placement;
    const index = this.#partition(this.#tenant(event.tenantId).deviceSlots, event, widths.deviceSlotMs);
    const incomplete = event.isIncomplete ? isTrue : undefined;
    const named = [event.deviceId, timestampValue(event.eventTimeMs), uuidValue(event.eventId), incomplete];
    const params = [index.tenantId, index.day, index.bucket, ...named, this.#ttl(index, event)];
    this.#push(index, statements.insertDeviceEvent, params, event.deviceId.length + rowOverheadBytes);
  }

  /**
   * Adds what an event is that came again with its device: beside its row, which stays. A batch of its own, because
   * its timestamp is.
   */
  repeat(event: PlacedEvent, value: Buffer): void {
    const { statements, widths } = this.#placement;
    const retentionMs = this.#placement.retentionOf(event.eventType);
    const slot = slotOf(event.eventTimeMs, widths.tenantSlotMs);
    const { day, bucket } = dayAndBucket(slot, widths.tenantSlotMs);
    const ttl = ttlSeconds((slot + 1) * widths.tenantSlotMs, this.#nowMs, retentionMs);
    const place = [event.tenantId, dateValue(day), intValue(bucket), timestampValue(event.eventTimeMs)];
    const params = [intValue(ttl), value, ...place, uuidValue(event.eventId)];
    const timestamp = repetitionTimestamp(day, this.#writtenMs);
    this.#batches.push({ timestamp, statements: [{ query: statements.repeatEvent, params }] });
  }

  /** The batches, each of one partition and within `batchBytes`, but for an event that is larger alone. */
  take(): readonly CqlBatch[] {
    for (const { bySlot, deviceSlots } of this.#tenants.values()) {
      for (const slots of [bySlot, deviceSlots]) for (const partition of slots.values()) this.#cut(partition);
    }
    return this.#batches;
  }

  #tenant(tenantId: string) {
    let tenant = this.#tenants.get(tenantId);
    if (tenant === undefined) {
      tenant = { bySlot: new Map<number, Partition>(), deviceSlots: new Map<number, Partition>() };
      this.#tenants.set(tenantId, tenant);
    }
    return tenant;
  }

  #partition(slots: Map<number, Partition>, event: PlacedEvent, slotMs: number): Partition {
    const slot = slotOf(event.eventTimeMs, slotMs);
    let partition = slots.get(slot);
    if (partition === undefined) {
      const { day, bucket } = dayAndBucket(slot, slotMs);
      partition = {
        tenantId: Buffer.from(event.tenantId),
        day: dateValue(day),
        bucket: intValue(bucket),
        timestamp: eventTimestamp(day, this.#writtenMs),
        ttls: new Map(),
        endMs: (slot + 1) * slotMs,
        open: [],
        openBytes: 0,
      };
      slots.set(slot, partition);
    }
    return partition;
  }

  #ttl({ ttls, endMs }: Partition, { eventType }: PlacedEvent): Buffer {
    const retentionMs = this.#placement.retentionOf(eventType);
    let ttl = ttls.get(retentionMs);
    if (ttl === undefined)
      ttls.set(retentionMs, (ttl = intValue(ttlSeconds(endMs, this.#nowMs, retentionMs))));
    return ttl;
  }

  #push(partition: Partition, query: string, params: CqlParameter[], bytes: number): void {
    if (partition.openBytes + bytes > batchBytes) this.#cut(partition);
    partition.open.push({ query, params });
    partition.openBytes += bytes;
  }

  #cut(partition: Partition): void {
    const { timestamp, open } = partition;
    if (open.length > 0) this.#batches.push({ timestamp, statements: open });
    partition.open = [];
    partition.openBytes = 0;
  }
}

const isTrue = Buffer.from([1]);

/** The row that says that a device has events in the hour of this event. */
export function hourBatch(
  placement: Placement,
  event: PlacedEvent & { readonly deviceId: string },
  nowMs: number,
): CqlBatch {
  const hour = slotOf(event.eventTimeMs, hourMs);
  const { day } = dayAndBucket(hour, hourMs);
  // It outlives the rows that it leads to, which expire with the end of their slots.
  const ttl = ttlSeconds((hour + 2) * hourMs, nowMs, placement.longestMs);
  const params = [event.tenantId, event.deviceId, timestampValue(hour * hourMs), intValue(ttl)];
  const statements = [{ query: placement.statements.insertHour, params }];
  return { timestamp: eventTimestamp(day, nowMs), statements };
}
