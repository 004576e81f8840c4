import { type DeadLetter, deadLetterSchema } from '../contracts/dead-letter.ts';
import { OpenFrameError } from '../contracts/errors.ts';
import type { TenantOfSender } from './sender-tenants.ts';
import { headers, telemetryStream, topics } from '../contracts/topics.ts';
import type { Log } from '../brokers/log.ts';
import type { Clock } from '../streams/clock.ts';
import { partitionOf } from '../streams/partitioner.ts';
import { compressBatch, RecordBatchBuilder } from '../streams/record-batch.ts';
import { RecordCursor } from '../streams/record-cursor.ts';

export interface DeadLetterFilter {
  readonly tenantId?: string;
  readonly stage?: string;
  /** Reasons that start with this text. */
  readonly reason?: string;
  readonly sender?: string;
}

export interface DeadLetterReason {
  readonly topology: string;
  readonly stage: string;
  readonly reason: string;
  readonly count: number;
}

export interface DeadLetterSender {
  readonly topology: string;
  readonly sender: string;
  readonly count: number;
}

export interface ReplayReport {
  readonly replayed: number;
  /** Left alone: replayed too often already. */
  readonly refused: number;
  readonly dryRun: boolean;
  /** What was or would be sent again, by where and why it failed. */
  readonly reasons: readonly DeadLetterReason[];
}

export interface ReplayOptions {
  readonly dryRun: boolean;
  /** The guard against loops: one that failed so often already is left alone. */
  readonly maxReplays: number;
  /** At most so many a second, so that what runs is not held up; without it, as fast as the log takes them. */
  readonly ratePerSecond?: number;
}

/** What could not be processed: listed, shown, sent again. The topic is compacted: a replayed one leaves it. */
export interface DeadLetterStore {
  /** Newest first. */
  list(filter: DeadLetterFilter, limit: number): Promise<readonly DeadLetter[]>;
  reasons(filter: DeadLetterFilter): Promise<readonly DeadLetterReason[]>;
  /** How many are whose, most first, of those whose sender is known. */
  senders(filter: DeadLetterFilter): Promise<readonly DeadLetterSender[]>;
  /** Throws `NOT_FOUND`. */
  show(deadLetterId: string): Promise<DeadLetter>;
  /**
   * Puts the original bytes back on the topic they came from and removes the dead letter, in one transaction.
   * The header `replay` lets it pass dedupe once. One that failed `maxReplays` times is refused.
   */
  replay(
    filter: DeadLetterFilter & { readonly ids?: readonly string[] },
    options: ReplayOptions,
  ): Promise<ReplayReport>;
}

/**
 * A record that failed before it was known whose it is belongs to the tenant whose all the records of its sender are,
 * as `senderTenants` says it at the time of the question; without it, and where that says nobody, to none.
 */
export function createDeadLetterStore(
  log: Log,
  clock: Clock,
  senderTenants: () => Promise<TenantOfSender> = () => Promise.resolve(() => null),
): DeadLetterStore {
  const all = async (filter: DeadLetterFilter): Promise<DeadLetter[]> =>
    readDeadLetters(log, filter, await senderTenants());
  return {
    async list(filter, limit) {
      const letters = await all(filter);
      return letters.sort((a, b) => b.deadLetteredAtMs - a.deadLetteredAtMs).slice(0, limit);
    },
    async reasons(filter) {
      return reasonsOf(await all(filter));
    },
    async senders(filter) {
      const sent = (await all(filter)).flatMap(({ topology, sender }) =>
        sender === undefined ? [] : [{ topology, sender }],
      );
      return counted(sent);
    },
    async show(deadLetterId) {
      const found = (await all({})).find((letter) => letter.deadLetterId === deadLetterId);
      if (found !== undefined) return found;
      throw new OpenFrameError(
        'NOT_FOUND',
        `There is no dead letter '${deadLetterId}': it was replayed, or never was. List them first.`,
      );
    },
    async replay(filter, { dryRun, maxReplays, ratePerSecond }) {
      const ids = filter.ids === undefined ? null : new Set(filter.ids);
      const chosen = (await all(filter)).filter((letter) => ids === null || ids.has(letter.deadLetterId));
      const again = chosen.filter((letter) => letter.replays < maxReplays);
      const startMs = clock.nowMs();
      for (const [i, letter] of dryRun ? [] : again.entries()) {
        const dueMs = ratePerSecond === undefined ? 0 : startMs + (i * 1000) / ratePerSecond;
        const waitMs = Math.ceil(dueMs - clock.nowMs());
        if (waitMs > 0) await clock.sleep(waitMs);
        await replayOne(log, clock, letter);
      }
      const refused = chosen.length - again.length;
      return { replayed: again.length, refused, dryRun, reasons: reasonsOf(again) };
    },
  };
}

/** How many failed where and why, most frequent first. */
function reasonsOf(letters: readonly DeadLetter[]): DeadLetterReason[] {
  return counted(letters.map(({ topology, stage, reason }) => ({ topology, stage, reason })));
}

/** Equal ones once, with how many they were, most frequent first. */
function counted<T extends object>(all: readonly T[]): (T & { readonly count: number })[] {
  const groups = new Map<string, T & { readonly count: number }>();
  for (const one of all) {
    const key = JSON.stringify(Object.values(one));
    groups.set(key, { ...one, count: (groups.get(key)?.count ?? 0) + 1 });
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
}

/** The last record of each id counts: a log compacts in its own time, so that what was replayed may still be there. */
async function readDeadLetters(
  log: Log,
  filter: DeadLetterFilter,
  tenantOf: TenantOfSender,
): Promise<DeadLetter[]> {
  const cursor = new RecordCursor();
  const letters = new Map<string, DeadLetter>();
  for (let partition = 0; partition < log.partitionCount(topics.deadLetters); partition++) {
    for await (const batch of log.readAll(topics.deadLetters, partition)) {
      cursor.reset(batch);
      while (cursor.next()) {
        const value = cursor.value();
        if (value === null) {
          letters.delete(cursor.keyText());
          continue;
        }
        const read = deadLetterSchema.parse(JSON.parse(value.toString('utf8')));
        const { sender } = read;
        const tenantId = read.tenantId ?? (sender === undefined ? null : tenantOf(sender));
        const letter = { ...read, tenantId };
        if (matches(letter, filter)) letters.set(letter.deadLetterId, letter);
      }
    }
  }
  return [...letters.values()];
}

function matches(letter: DeadLetter, filter: DeadLetterFilter): boolean {
  return (
    (filter.tenantId === undefined || letter.tenantId === filter.tenantId) &&
    (filter.stage === undefined || letter.stage === filter.stage) &&
    (filter.sender === undefined || letter.sender === filter.sender) &&
    (filter.reason === undefined || letter.reason.startsWith(filter.reason))
  );
}

async function replayOne(log: Log, clock: Clock, letter: DeadLetter): Promise<void> {
  const original = new RecordBatchBuilder(4096);
  original.appendRecord({
    key: letter.key,
    value: letter.value === null ? null : Buffer.from(letter.value, 'base64'),
    timestampMs: letter.eventTimeMs,
    headers: {
      ...letter.headers,
      [headers.replay]: letter.deadLetterId,
      [headers.replays]: String(letter.replays + 1),
    },
  });
  const tombstone = new RecordBatchBuilder(256);
  tombstone.appendRecord({ key: letter.deadLetterId, value: null, timestampMs: clock.nowMs() });
  // The messaging is no topic of the log: what failed on the way from it goes where it was going.
  const target =
    letter.topic === telemetryStream
      ? {
          topic: topics.raw,
          partition: partitionOf(Buffer.from(letter.key), log.partitionCount(topics.raw)),
        }
      : { topic: letter.topic, partition: letter.partition };
  const transaction = log.begin();
  // What came in compressed may be too large otherwise.
  transaction.append(target.topic, target.partition, compressBatch(original.finish()));
  transaction.append(topics.deadLetters, 0, tombstone.finish());
  await transaction.commit([]);
}
