import { type DeadLetter, deadLetterSchema } from '../../contracts/dead-letter.ts';
import { recordAt } from '../bytes-record.ts';
import type { MemoryLog, StoredBatch } from '../memory-log.ts';
import { RecordCursor } from '../record-cursor.ts';
import type { StreamRecord } from '../record.ts';
import { fates, storyTopics } from './story.ts';
import type { Consumed } from './simulated-source.ts';

/** One event of the story: fed once or more, it must show exactly once. */
export interface StoryEvent {
  readonly id: string;
  readonly key: string;
  readonly fate: string;
}

interface Output {
  readonly key: string;
  readonly eventId: string;
  readonly number: number;
}

/**
 * Watches a simulated world as a read-committed reader would, and says what it must never see: an event lost
 * or doubled, keys out of order, progress past a record without effect, state that its outputs contradict.
 */
export class Judge {
  readonly violations: string[] = [];
  readonly #outputs = new Map<string, Output[]>([
    [storyTopics.enriched, []],
    [storyTopics.counted, []],
  ]);
  readonly #written = new Map<string, Set<string>>();
  readonly #letters: DeadLetter[] = [];
  readonly #states = new Map<string, Map<string, number>>([
    [storyTopics.tally, new Map()],
    [storyTopics.totals, new Map()],
  ]);
  readonly #rows: ReadonlyMap<string, string>;

  constructor(rows: ReadonlyMap<string, string>) {
    this.#rows = rows;
  }

  /** Called when records became visible in the log. */
  appended(topic: string, _partition: number, { bytes }: StoredBatch): void {
    for (const record of recordsIn(bytes)) {
      this.#outputs.get(topic)?.push(outputOf(record));
      this.#checkState(topic, record);
      if (topic === storyTopics.deadLetters) this.#letters.push(letterOf(record));
      else this.#idsOf(topic).add(record.headers['eventid'] ?? '');
    }
  }

  /** Called when messages were acked: the log must have them. */
  acked(bytes: Buffer): void {
    for (const { headers } of recordsIn(bytes)) {
      this.#demand(
        this.#idsOf(storyTopics.raw).has(headers['eventid'] ?? ''),
        `acked before durable: ${headers['eventid']}`,
      );
    }
  }

  /** Called when a group's offset moved: every record it moved over must have had its effect. */
  consumed(log: MemoryLog, { group, topic, partition, from, to }: Consumed): void {
    this.#demand(to >= from, `the offset of ${group} went back from ${from} to ${to}`);
    for (const { bytes } of log.take(topic, partition, from, Math.max(1, to - from))) {
      for (const { headers, offset } of recordsIn(bytes)) {
        if (offset < from || offset >= to) continue;
        const id = headers['eventid'] ?? '';
        this.#demand(
          this.#hadEffect(group, id),
          `${group} passed ${topic}/${partition}@${offset} without effect: ${id}`,
        );
      }
    }
  }

  changedRow(id: string): void {
    this.#demand(false, `the row of ${id} was written again with other content`);
  }

  /** Called at the end, when everything has come to rest. */
  conclude(events: readonly StoryEvent[]): void {
    const passing = events.filter(({ fate }) => fate !== fates.poison);
    for (const key of new Set(events.map((event) => event.key))) {
      this.#checkKey(key, storyTopics.enriched, storyTopics.tally, passing);
      this.#checkKey(key, storyTopics.counted, storyTopics.totals, passing);
    }
    const poison = events.filter(({ fate }) => fate === fates.poison).map(({ id }) => id);
    this.#checkLetters('telemetry', poison, 'once');
    const unstorable = events.filter(({ fate }) => fate === fates.unstorable).map(({ id }) => id);
    this.#checkLetters('store', unstorable, 'at least once');
    const stored = passing.filter(({ fate }) => fate !== fates.unstorable).map(({ id }) => id);
    this.#same('rows', [...this.#rows.keys()].sort(), stored.sort());
  }

  #checkKey(key: string, topic: string, state: string, passing: readonly StoryEvent[]): void {
    const expected = passing.filter((event) => event.key === key).map((event) => event.id);
    const found = (this.#outputs.get(topic) ?? []).filter((output) => output.key === key);
    const ids = found.map((output) => output.eventId);
    const numbers = found.map((output) => output.number);
    this.#same(`${topic} of ${key}`, ids, expected);
    this.#same(
      `numbers of ${key} in ${topic}`,
      numbers,
      expected.map((_, i) => i + 1),
    );
    this.#same(`state ${state} of ${key}`, [this.#states.get(state)?.get(key) ?? 0], [expected.length]);
  }

  #checkLetters(topology: string, expected: readonly string[], how: 'once' | 'at least once'): void {
    const found = this.#letters.filter((letter) => letter.topology === topology);
    const ids = found.map((letter) => letter.headers['eventid'] ?? '');
    const counted = how === 'once' ? ids : [...new Set(ids)];
    this.#same(`dead letters of ${topology}`, counted.sort(), [...expected].sort());
  }

  #checkState(topic: string, { key, value }: StreamRecord): void {
    const state = this.#states.get(topic);
    if (state === undefined) return;
    const count = Number(Buffer.from(value ?? []).toString('latin1'));
    this.#demand(count >= (state.get(key) ?? 0), `the state ${topic} of ${key} went back to ${count}`);
    state.set(key, count);
  }

  #hadEffect(group: string, id: string): boolean {
    if (group === 'store') return this.#rows.has(id) || this.#isBuried('store', id);
    if (group === 'count') return this.#idsOf(storyTopics.counted).has(id);
    return this.#idsOf(storyTopics.enriched).has(id) || this.#isBuried('telemetry', id);
  }

  #isBuried(topology: string, id: string): boolean {
    return this.#letters.some((letter) => letter.topology === topology && letter.headers['eventid'] === id);
  }

  #idsOf(topic: string): Set<string> {
    let ids = this.#written.get(topic);
    if (ids === undefined) this.#written.set(topic, (ids = new Set()));
    return ids;
  }

  #same(what: string, found: readonly unknown[], expected: readonly unknown[]): void {
    const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
    this.#demand(a === b, `${what}: found ${a}, expected ${b}`);
  }

  #demand(holds: boolean, violation: string): void {
    if (!holds) this.violations.push(violation);
  }
}

function* recordsIn(bytes: Buffer): Generator<StreamRecord & { readonly offset: number }> {
  const cursor = new RecordCursor();
  cursor.reset(bytes);
  while (cursor.next()) yield { ...recordAt(cursor), offset: cursor.offset };
}

function outputOf({ key, value }: StreamRecord): Output {
  const fields = JSON.parse(Buffer.from(value ?? []).toString('utf8')) as { eventId: string; number: number };
  return { key, ...fields };
}

function letterOf({ value }: StreamRecord): DeadLetter {
  return deadLetterSchema.parse(JSON.parse(Buffer.from(value ?? []).toString('utf8')));
}
