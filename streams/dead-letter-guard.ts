import { OpenFrameError } from '../contracts/errors.ts';

export interface DeadLetterLimit {
  /** Stop when more than this share of the last records went to the dead letters. */
  readonly share: number;
  /** Judge only over at least this many records. */
  readonly minRecords: number;
}

/** Records, and how many of them went to the dead letters for the first time. */
export interface LetterCounts {
  readonly records: number;
  readonly letters: number;
}

/** What a batch came to, in all and by sender, where stages say who sent a record. */
export interface BatchLetters extends LetterCounts {
  readonly senders?: ReadonlyMap<string, LetterCounts>;
}

/** Senders beyond so many count as one, so that invented names cost no memory. */
const mostSenders = 1000;
/** One sender that fails is that sender's fault: a bad deploy fails on several. */
const fewestFailing = 2;

/**
 * So that a bad deploy stops instead of sending everything to the dead letters. Where stages name senders, none of them
 * can stop a topology that serves others: it stops where the share of all of them is passed and more than that share
 * of the senders, and at least two, are over it themselves. Until then their records go to the dead letters and the
 * others' go on. Records whose sender no stage has named are judged together.
 */
export class DeadLetterGuard {
  readonly #limit: DeadLetterLimit;
  readonly #unnamed: Window;
  readonly #senders = new Map<string, Window>();

  constructor(limit: DeadLetterLimit) {
    this.#limit = limit;
    this.#unnamed = new Window(limit.minRecords * 10);
  }

  /** Called before a batch commits, and again when it is repeated. Throws `DEAD_LETTER_LIMIT` where the limit is passed. */
  check(topology: string, batch: BatchLetters): void {
    if (batch.letters === 0) return;
    const unnamed = this.#unnamed.with(unnamedOf(batch));
    if (this.#isPassed(unnamed)) throw limitPassed(topology, this.#limit, unnamed, '');
    if (batch.senders === undefined || batch.senders.size === 0) return;
    const senders = this.#sendersWith(batch.senders);
    const failing = senders.filter((counts) => this.#isOver(counts)).length;
    const all = senders.reduce(sumOf, nothing);
    if (failing < fewestFailing || failing <= this.#limit.share * senders.length || !this.#isPassed(all))
      return;
    throw limitPassed(topology, this.#limit, all, ` They come from ${failing} of ${senders.length} senders.`);
  }

  /** Called once a batch has committed: a batch that is repeated counts once. */
  count(batch: BatchLetters): void {
    this.#unnamed.add(unnamedOf(batch));
    for (const [name, counts] of batch.senders ?? []) {
      const known = this.#senders.get(this.#nameOf(name)) ?? new Window(this.#limit.minRecords * 10);
      this.#senders.set(this.#nameOf(name), known);
      known.add(counts);
    }
  }

  /** Says how many senders are over the limit, whom the topology goes on without; null where there is none. */
  warning(): string | null {
    const fewest = this.#limit.minRecords / 10;
    const failing = [...this.#senders.values()].filter((one) => one.letters >= fewest && this.#isOver(one));
    if (failing.length === 0) return null;
    const who = `${failing.length} of ${this.#senders.size} ${this.#senders.size === 1 ? 'sender' : 'senders'}`;
    return (
      `Most of what comes from ${who} cannot be processed and goes to the dead letters; others go on. ` +
      `See who and why: openframe dead-letters list.`
    );
  }

  #sendersWith(batch: ReadonlyMap<string, LetterCounts>): LetterCounts[] {
    const added = new Map<string, LetterCounts>();
    for (const [name, counts] of batch) {
      added.set(this.#nameOf(name), sumOf(added.get(this.#nameOf(name)) ?? nothing, counts));
    }
    const known = [...this.#senders].map(([name, one]) => one.with(added.get(name) ?? nothing));
    return [...known, ...[...added].filter(([name]) => !this.#senders.has(name)).map(([, counts]) => counts)];
  }

  #nameOf(name: string): string {
    return this.#senders.has(name) || this.#senders.size < mostSenders ? name : '(others)';
  }

  #isPassed(counts: LetterCounts): boolean {
    return counts.records >= this.#limit.minRecords && this.#isOver(counts);
  }

  #isOver({ records, letters }: LetterCounts): boolean {
    return letters / records > this.#limit.share;
  }
}

const nothing: LetterCounts = { records: 0, letters: 0 };

function sumOf(a: LetterCounts, b: LetterCounts): LetterCounts {
  return { records: a.records + b.records, letters: a.letters + b.letters };
}

/** What of a batch no sender is named for. */
function unnamedOf({ records, letters, senders }: BatchLetters): LetterCounts {
  const named = [...(senders?.values() ?? [])].reduce(sumOf, nothing);
  return { records: records - named.records, letters: letters - named.letters };
}

/** The last records: beyond `most` of them, half are forgotten. */
class Window implements LetterCounts {
  readonly #most: number;
  records = 0;
  letters = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add(counts: LetterCounts): void {
    const forget = this.records + counts.records > this.#most ? 2 : 1;
    this.records = (this.records + counts.records) / forget;
    this.letters = (this.letters + counts.letters) / forget;
  }

  with(counts: LetterCounts): LetterCounts {
    return sumOf(this, counts);
  }
}

function limitPassed(
  topology: string,
  { share }: DeadLetterLimit,
  counts: LetterCounts,
  whose: string,
): OpenFrameError {
  const [records, letters] = [Math.ceil(counts.records), Math.ceil(counts.letters)];
  return new OpenFrameError(
    'DEAD_LETTER_LIMIT',
    `The topology '${topology}' stopped: ${letters} of its last ${records} records could not be ` +
      `processed, more than ${share * 100} %.${whose} Nothing is lost: mend the stage that the dead letters ` +
      `name (openframe dead-letters list) and start it again.`,
    { details: { topology, records, deadLetters: letters } },
  );
}
