import { OpenFrameError } from '../contracts/errors.ts';
import { createKeyedState, type KeyedState, type StateCodec } from './keyed-state.ts';
import type { RecordInput } from './record-batch.ts';
import type { FieldDeclaration, RecordView, StreamRecord } from './record.ts';
import { drop, type Outcome, type Stage, type StageOpening, type StageTask } from './stage.ts';

/** A window of event time, `[startMs, endMs)`. */
export interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

export interface WindowOptions<T> {
  /** The stage's name. */
  readonly name: string;
  /** How long a window is. */
  readonly sizeMs: number;
  /** How far apart windows begin; divides `sizeMs`. Default `sizeMs`: tumbling. Less: sliding, and they overlap. */
  readonly hopMs?: number;
  /** How long after the watermark passed a window's end it still takes records. Default 0. */
  readonly allowedLatenessMs?: number;
  /** A compacted topic of this stage's own. */
  readonly changelogTopic: string;
  readonly reads: readonly string[];
  /** The fields of the records that closed windows give. */
  readonly gives: readonly FieldDeclaration[];
  /** Gives the functions of one partition their fields. */
  readonly open: (opening: Pick<StageOpening, 'field'>) => WindowFunctions<T>;
  readonly codec?: StateCodec<T>;
}

export interface WindowFunctions<T> {
  /** What the record is aggregated by, within its partition: mostly `record.key`. */
  keyOf(record: RecordView): string;
  /** The aggregate of a window with this record in it; `sum` is undefined for its first. Must not change `sum`. */
  add(sum: T | undefined, record: RecordView): T;
  /** The fields of the record that a closed window gives; its event time is the window's last millisecond. */
  close(key: string, window: Window, sum: T): Readonly<Record<string, string | number | Uint8Array>>;
}

const counted = drop('windowed');
const late = drop('late');
/** The changelog's entry for what has closed. A window's own key has a space in it, so none can look like it. */
const closedKey = 'closed';

/**
 * Aggregates records by key and window of event time. A record counts in exactly size/hop windows and ends
 * here (`windowed`). When the watermark has passed a window's end by the allowed lateness, the window closes:
 * it gives one derived record, keyed as its records were, and leaves no state. A record counts in no window
 * that has closed; with none left it is dropped as `late`. What has closed is part of the state, so that a
 * window closes once, whenever the process dies. Throws `ARGUMENT_INVALID` for lengths that do not fit.
 */
export function windowed<T>(options: WindowOptions<T>): Stage {
  const { name, sizeMs, hopMs = sizeMs, changelogTopic, reads, gives } = options;
  if (!(hopMs > 0 && Number.isSafeInteger(sizeMs / hopMs) && Number.isSafeInteger(hopMs))) {
    throw new OpenFrameError(
      'ARGUMENT_INVALID',
      `The windows of '${name}' are ${sizeMs} ms long and ${hopMs} ms apart: the distance must be whole milliseconds and divide the length.`,
    );
  }
  return {
    name,
    reads,
    adds: gives,
    changelog: { topic: changelogTopic, cleanup: 'compact' },
    open: (opening) => new WindowTask(options, hopMs, opening),
  };
}

class WindowTask<T> implements StageTask {
  readonly #options: WindowOptions<T>;
  readonly #hopMs: number;
  readonly #opening: StageOpening;
  readonly #functions: WindowFunctions<T>;
  readonly #sums: KeyedState<T>;
  /** Windows that end at this time or before have closed. */
  #closedMs = Number.NEGATIVE_INFINITY;
  #closedChanged = false;
  /** The end of the open window that closes next. */
  #nextEndMs = Number.POSITIVE_INFINITY;

  constructor(options: WindowOptions<T>, hopMs: number, opening: StageOpening) {
    const { codec } = options;
    this.#options = options;
    this.#hopMs = hopMs;
    this.#opening = opening;
    this.#functions = options.open(opening);
    this.#sums = createKeyedState({ clock: opening.clock, ...(codec === undefined ? {} : { codec }) });
  }

  process(record: RecordView): Outcome {
    const { sizeMs } = this.#options;
    const key = this.#functions.keyOf(record);
    const last = Math.floor(record.eventTimeMs / this.#hopMs) * this.#hopMs;
    const sums: [string, T][] = [];
    for (let startMs = last - sizeMs + this.#hopMs; startMs <= last; startMs += this.#hopMs) {
      if (startMs + sizeMs <= this.#closedMs) continue;
      const place = `${startMs} ${key}`;
      sums.push([place, this.#functions.add(this.#sums.get(place), record)]);
    }
    for (const [place, sum] of sums) this.#put(place, sum);
    return sums.length === 0 ? late : counted;
  }

  onWatermark(watermarkMs: number): void {
    const passedMs = watermarkMs - (this.#options.allowedLatenessMs ?? 0);
    const closedMs = Math.floor(passedMs / this.#hopMs) * this.#hopMs;
    if (closedMs <= this.#closedMs) return;
    this.#closedMs = closedMs;
    this.#closedChanged = true;
    if (this.#nextEndMs <= closedMs) this.#close();
  }

  changes(): readonly RecordInput[] {
    const changes = this.#sums.changes();
    if (!this.#closedChanged) return changes;
    this.#closedChanged = false;
    const timestampMs = this.#opening.clock.nowMs();
    return [...changes, { key: closedKey, value: String(this.#closedMs), timestampMs }];
  }

  restore(record: StreamRecord): void {
    if (record.key === closedKey) this.#closedMs = Number(Buffer.from(record.value ?? []).toString('latin1'));
    else {
      this.#sums.restore(record);
      if (record.value !== null) this.#nextEndMs = Math.min(this.#nextEndMs, this.#endOf(record.key));
    }
  }

  #put(place: string, sum: T): void {
    this.#sums.put(place, sum);
    this.#nextEndMs = Math.min(this.#nextEndMs, this.#endOf(place));
  }

  /** Oldest windows first, those of one time by key: the order does not depend on how the state came about. */
  #close(): void {
    const due: { readonly place: string; readonly endMs: number; readonly sum: T }[] = [];
    this.#nextEndMs = Number.POSITIVE_INFINITY;
    for (const [place, sum] of this.#sums.entries()) {
      const endMs = this.#endOf(place);
      if (endMs <= this.#closedMs) due.push({ place, endMs, sum });
      else this.#nextEndMs = Math.min(this.#nextEndMs, endMs);
    }
    due.sort((a, b) => a.endMs - b.endMs || (a.place < b.place ? -1 : 1));
    for (const { place, endMs, sum } of due) {
      const key = place.slice(place.indexOf(' ') + 1);
      const window = { startMs: endMs - this.#options.sizeMs, endMs };
      const fields = this.#functions.close(key, window, sum);
      this.#opening.emit({ key, eventTimeMs: endMs - 1, fields });
      this.#sums.delete(place);
    }
  }

  #endOf(place: string): number {
    return Number(place.slice(0, place.indexOf(' '))) + this.#options.sizeMs;
  }
}
