import { recordAt } from '../bytes-record.ts';
import { RecordCursor } from '../record-cursor.ts';
import type { RejectedRecord, Sink, SinkBatch } from '../sink.ts';
import type { StreamRecord } from '../record.ts';
import type { Life, Scheduler } from './scheduler.ts';

export interface StoredRow {
  readonly id: string;
  readonly text: string;
}

/** A store whose rows are keyed by event. It outlives the processes that write to it. */
export class SimulatedStore {
  readonly rows = new Map<string, string>();
  readonly #onChanged: (id: string) => void;

  /** `onChanged` is told of a row that was written again with other content. */
  constructor(onChanged: (id: string) => void) {
    this.#onChanged = onChanged;
  }

  put(row: StoredRow): void {
    const known = this.rows.get(row.id);
    if (known !== undefined && known !== row.text) this.#onChanged(row.id);
    this.rows.set(row.id, row.text);
  }
}

export interface SimulatedSinkDeps {
  readonly life: Life;
  readonly scheduler: Scheduler;
  readonly store: SimulatedStore;
  readonly rowOf: (record: StreamRecord) => StoredRow | 'rejected';
  /** Given where rows stay in the process until they are flushed; true loses those that were not. */
  readonly losesRows?: () => boolean;
}

/** An idempotent sink. A write that fails may have stored some of its batches. */
export function createSimulatedSink(deps: SimulatedSinkDeps): Sink {
  const { life, scheduler, store, rowOf, losesRows } = deps;
  let inMemory: StoredRow[] = [];
  let losses = 0;
  const put = (row: StoredRow): void => {
    if (losesRows === undefined) store.put(row);
    else inMemory.push(row);
  };
  const loseSome = (): void => {
    if (losesRows?.() !== true) return;
    inMemory = [];
    losses++;
  };
  const writeBatch = (batch: SinkBatch): RejectedRecord[] => {
    const rejected: RejectedRecord[] = [];
    loseSome();
    const cursor = new RecordCursor();
    cursor.reset(batch.bytes);
    while (cursor.next()) {
      const { partition, firstOffset } = batch;
      const { offset } = cursor;
      if (offset < firstOffset) continue;
      const row = rowOf(recordAt(cursor));
      if (row === 'rejected') rejected.push({ partition, offset, reason: 'UNSTORABLE' });
      else put(row);
    }
    return rejected;
  };
  const flush = (): void => {
    for (const row of inMemory.splice(0)) store.put(row);
  };
  const deferred = {
    flush: () => scheduler.request(life, 'flush', flush),
    losses: () => losses,
  };
  return {
    name: 'store',
    ...(losesRows === undefined ? {} : { deferred }),
    async write(batches) {
      const rejected: RejectedRecord[] = [];
      for (const batch of batches) {
        rejected.push(
          ...(await scheduler.request(life, `write ${batch.count} rows`, () => writeBatch(batch))),
        );
      }
      return rejected;
    },
    async [Symbol.asyncDispose]() {},
  };
}
