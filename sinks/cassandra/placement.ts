import { OpenFrameError } from '../../contracts/errors.ts';

const secondMs = 1000;
const dayMs = 86_400_000;
export const hourMs = 3_600_000;

/** No partition is to grow past this: beyond it, reads, repair and compaction of one partition get slow. */
export const maxPartitionBytes = 100_000_000;

/** A row of the device table is a fourth of the smallest event's row at most: key, time, id and a flag. */
const deviceRowShare = 4;

/** The widths that divide an hour, so that a slot lies in one hour and one day. */
const slotSeconds = [
  3600, 1800, 1200, 900, 720, 600, 450, 400, 360, 300, 240, 200, 180, 150, 144, 120, 100, 90, 80, 75, 72, 60,
  50, 48, 45, 40, 36, 30, 25, 24, 20, 18, 16, 15, 12, 10, 9, 8, 6, 5, 4, 3, 2, 1,
];

/** How wide the time slots are that a partition of each table holds. */
export interface SlotWidths {
  readonly tenantSlotMs: number;
  readonly deviceSlotMs: number;
}

/**
 * The widest slots whose partitions stay within `maxPartitionBytes` while a tenant's events of one moment come
 * to no more than `tenantBytesPerSecond`: width = 100 MB / rate. At 10 MB/s (20,000 events of 500 bytes) that
 * is 10 s, so 8,640 buckets a day, and 40 s for the device table, whose rows are small.
 *
 * The bucket is a slot of the day and not a hash: a batch of the live stream then meets one or two partitions a
 * tenant however many buckets there are, and a reader in time order takes one bucket after the other.
 */
export function slotWidths(tenantBytesPerSecond: number): SlotWidths {
  const longestSeconds = maxPartitionBytes / tenantBytesPerSecond;
  const within = (limit: number): number | undefined => slotSeconds.find((seconds) => seconds <= limit);
  const tenant = within(longestSeconds);
  const device = within(longestSeconds * deviceRowShare);
  if (tenant === undefined || device === undefined) {
    throw new OpenFrameError(
      'CONFIGURATION_INVALID',
      `A tenant's rate of ${tenantBytesPerSecond} bytes a second fills a partition of ${maxPartitionBytes} bytes within a second: give a lower rate.`,
      { details: { field: 'tenantBytesPerSecond' } },
    );
  }
  return { tenantSlotMs: tenant * secondMs, deviceSlotMs: device * secondMs };
}

/** The number of the slot that holds a moment, counted from the epoch. */
export function slotOf(timeMs: number, slotMs: number): number {
  return Math.floor(timeMs / slotMs);
}

/** A slot as the partition key's `day` and `bucket`. */
export function dayAndBucket(
  slot: number,
  slotMs: number,
): { readonly day: number; readonly bucket: number } {
  const slotsADay = dayMs / slotMs;
  const day = Math.floor(slot / slotsADay);
  return { day, bucket: slot - day * slotsADay };
}

export function slotOfBucket(day: number, bucket: number, slotMs: number): number {
  return day * (dayMs / slotMs) + bucket;
}

/*
 * Cell timestamps. Cassandra keeps the cell with the highest timestamp, and an event's first writing is to be
 * kept, so a later moment of writing gives a lower timestamp. Yet all lie within the event's own day: windows of
 * TimeWindowCompaction are told apart by timestamps, and hold whole days of events so.
 *
 *   the event's day  |<-- completions, later to earlier -->|<-- events, later to earlier -->|  deletions
 *                    0                                    12 h                             24 h
 *
 * A microsecond of the timestamp stands for a millisecond of writing: half a day of them for 500 days.
 */
const microsecondsADay = 86_400_000_000n;
const span = 43_200_000_000;
/** A device's clock may run ahead, so that an event is written before its day begins. */
const writtenAheadMs = 2 * dayMs;

function writingOffset(day: number, writtenMs: number): number {
  const sinceMs = Math.round(writtenMs) - day * dayMs + writtenAheadMs;
  return span - 1 - Math.min(Math.max(sinceMs, 0), span - 1);
}

/** The timestamp, in microseconds, of an event's cells that are written at this moment. */
export function eventTimestamp(day: number, writtenMs: number): bigint {
  return BigInt(day) * microsecondsADay + BigInt(span + writingOffset(day, writtenMs));
}

/** The same for what a device's inventory adds to a row: the first addition stays. */
export function completionTimestamp(day: number, writtenMs: number): bigint {
  return BigInt(day) * microsecondsADay + BigInt(writingOffset(day, writtenMs));
}

/** The same for an event that came again with its device, in a column of its own: the last one stays. */
export function repetitionTimestamp(day: number, writtenMs: number): bigint {
  return BigInt(day) * microsecondsADay + BigInt(span - 1 - writingOffset(day, writtenMs));
}

/** A deletion at this timestamp takes all that was and will be written of the day. */
export function deletionTimestamp(day: number): bigint {
  return BigInt(day + 1) * microsecondsADay;
}

/** When a cell with this `eventTimestamp` was written, milliseconds since the epoch. */
export function writtenMs(timestamp: bigint): number {
  const day = timestamp / microsecondsADay - (timestamp % microsecondsADay < 0n ? 1n : 0n);
  const offset = Number(timestamp - day * microsecondsADay) - span;
  return span - 1 - offset + Number(day) * dayMs - writtenAheadMs;
}

/** Cassandra's longest time to live, 20 years. */
const longestTtlSeconds = 630_720_000;

/**
 * Seconds that a row of a slot lives: until the retention has passed since the slot's end. An event that comes
 * later than that stays for a day, so that it can be seen to have come. 0, for ever, where nothing expires.
 */
export function ttlSeconds(slotEndMs: number, nowMs: number, retentionMs: number | undefined): number {
  if (retentionMs === undefined) return 0;
  const leftMs = Math.max(slotEndMs + retentionMs - nowMs, dayMs);
  return Math.min(Math.ceil(leftMs / secondMs), longestTtlSeconds);
}

/** Windows of TimeWindowCompaction: about 20 of them within the retention, as its authors advise, and a day at least. */
export function compactionWindowDays(retentionMs: number | undefined): number {
  return retentionMs === undefined ? 7 : Math.max(1, Math.ceil(retentionMs / dayMs / 20));
}
