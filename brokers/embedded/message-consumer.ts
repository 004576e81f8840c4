import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';

import { telemetryStream } from '../../contracts/topics.ts';
import type { Clock } from '../../streams/clock.ts';
import type { Batch, ReadOptions, Source } from '../../streams/source.ts';
import { AckLedger } from './ack-ledger.ts';
import { createBatchLane } from './batch-lane.ts';
import { ChangeWatch } from './change-watch.ts';
import { inTransaction, StorageFaults } from './database.ts';
import { GroupCommit, type Settled } from './group-commit.ts';
import type { Lane, StoredBatch } from './lane.ts';
import { revokedError } from './log-groups.ts';
import { joinBatches } from './log-source.ts';
import { messagesTable } from './message-store.ts';

export interface MessageConsumerDeps {
  readonly name: string;
  /** The consumer's own connection: it reads while a publisher of the process writes, and closes it. */
  readonly db: DatabaseSync;
  readonly clock: Clock;
  readonly pollMs: number;
  readonly idlePollMs: number;
  readonly maxInFlightRecords: number;
}

/** A durable consumer of the stream; `wake` tells it that this process has published. */
export class MessageConsumer implements Source {
  readonly name: string;
  readonly #deps: MessageConsumerDeps;
  readonly #lane: Lane;
  readonly #faults: StorageFaults;
  readonly #watch: ChangeWatch;
  readonly #acks: GroupCommit<number, void>;
  readonly #revoked = new AbortController();
  readonly #epoch: number;
  readonly #selectVersion;
  readonly #selectEpoch;
  readonly #updateFloor;
  #seenVersion: unknown;
  #ledger: AckLedger;
  #durableFloor: number;
  #position: number;
  #closed = false;

  constructor(deps: MessageConsumerDeps) {
    const { db, clock, pollMs, idlePollMs } = deps;
    this.name = deps.name;
    this.#deps = deps;
    this.#faults = new StorageFaults(clock);
    this.#lane = createBatchLane(db, { table: messagesTable, nowMs: () => clock.nowMs() });
    this.#watch = new ChangeWatch({ clock, pollMs, idlePollMs, poll: () => this.#refresh() });
    this.#acks = new GroupCommit(0, (floors) => this.#storing('Acking', () => this.#writeFloors(floors)));
    this.#selectVersion = db.prepare('PRAGMA data_version');
    this.#selectEpoch = db.prepare('SELECT epoch FROM consumers WHERE name = ?');
    this.#updateFloor = db.prepare('UPDATE consumers SET floor = MAX(floor, ?) WHERE name = ? AND epoch = ?');
    const claimed = this.#storing('Opening', () => inTransaction(db, () => this.#claim()));
    this.#epoch = Number(claimed?.['epoch']);
    this.#durableFloor = Number(claimed?.['floor']);
    this.#position = this.#durableFloor;
    this.#ledger = new AckLedger(this.#durableFloor);
  }

  /** Looks for messages now. */
  wake(): void {
    this.#watch.notify();
  }

  /** Another reader of the same name has opened. */
  revoke(): void {
    this.#revoked.abort(revokedError(this.name, 0));
    this.wake();
  }

  async *read({ maxRecords, maxWaitMs, signal }: ReadOptions): AsyncIterable<Batch | null> {
    const goesOn = (): boolean => !signal.aborted && !this.#closed;
    const next = (): Batch | undefined =>
      goesOn() ? this.#storing('Reading', () => this.#next(maxRecords)) : undefined;
    if (this.#ledger.hasOpen) this.#restart();
    while (goesOn()) {
      // Records may never run out: without this, timers and sockets of the process would starve behind them.
      await turnOfEventLoop();
      const batch = next() ?? (await this.#watch.waitFor(next, maxWaitMs, signal)) ?? null;
      if (batch !== null || goesOn()) yield batch;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#acks.flush();
    this.#closed = true;
    this.#watch.close();
    this.#deps.db.close();
  }

  #claim(): Record<string, unknown> | undefined {
    return this.#deps.db
      .prepare(
        `INSERT INTO consumers VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET epoch = epoch + 1
         RETURNING floor, epoch`,
      )
      .get(this.name, this.#lane.firstOffset());
  }

  #next(maxRecords: number): Batch | undefined {
    this.#refresh();
    const room = this.#deps.maxInFlightRecords - this.#ledger.inFlight;
    if (this.#revoked.signal.aborted || room <= 0) return undefined;
    if (this.#position >= this.#lane.endOffset()) return undefined;
    const stored = this.#lane.readRecords(this.#position, Math.min(maxRecords, room));
    return stored.length === 0 ? undefined : this.#batch(joinBatches(stored));
  }

  #batch(stored: StoredBatch): Batch {
    const { bytes, count, nextOffset } = stored;
    const ledger = this.#ledger;
    const delivery = ledger.deliver(this.#position, nextOffset);
    const firstOffset = Math.max(this.#position, stored.firstOffset);
    this.#position = nextOffset;
    return {
      topic: telemetryStream,
      partition: 0,
      bytes,
      count,
      firstOffset,
      nextOffset,
      moreWaits: nextOffset < this.#lane.endOffset(),
      revoked: this.#revoked.signal,
      ack: async () => {
        if (this.#closed || this.#revoked.signal.aborted) throw revokedError(this.name, 0);
        if (nextOffset <= this.#durableFloor) return;
        if (ledger !== this.#ledger || (!ledger.isOpen(delivery) && nextOffset > ledger.floor)) {
          throw revokedError(this.name, 0);
        }
        const floor = ledger.ack(delivery);
        if (floor > this.#durableFloor) await this.#acks.submit(floor);
        this.wake();
      },
      nack: async () => {
        if (this.#closed || this.#revoked.signal.aborted || nextOffset <= this.#durableFloor) return;
        if (ledger !== this.#ledger) return;
        if (ledger.isOpen(delivery)) this.#position = ledger.rewind(delivery);
        else if (delivery.acked) this.#restart();
        this.wake();
      },
    };
  }

  /** Goes back to what is durably acked; what was in hand is void. */
  #restart(): void {
    this.#ledger = new AckLedger(this.#durableFloor);
    this.#position = this.#durableFloor;
  }

  #writeFloors(floors: readonly number[]): readonly Settled<void>[] {
    const floor = Math.max(...floors);
    const changed = inTransaction(this.#deps.db, () =>
      Number(this.#updateFloor.run(floor, this.name, this.#epoch).changes),
    );
    if (changed === 0) {
      this.revoke();
      return floors.map(() => ({ error: revokedError(this.name, 0) }));
    }
    this.#durableFloor = Math.max(this.#durableFloor, floor);
    return floors.map(() => ({ result: undefined }));
  }

  /** True where another connection has committed since the last call. */
  #refresh(): boolean {
    if (this.#closed) return false;
    const version = this.#selectVersion.get()?.['data_version'];
    if (version === this.#seenVersion) return false;
    this.#lane.forget();
    if (this.#selectEpoch.get(this.name)?.['epoch'] !== this.#epoch) this.revoke();
    this.#seenVersion = version;
    return true;
  }

  #storing<T>(doing: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw this.#faults.of(error, 'STORE_UNAVAILABLE', `${doing} as consumer ${this.name} failed`);
    }
  }
}
