import type { Clock } from '../streams/clock.ts';
import { createKeyedState, type KeyedState } from '../streams/keyed-state.ts';
import type { RecordInput } from '../streams/record-batch.ts';
import type { StreamRecord } from '../streams/record.ts';
import type { ToolEvent } from './decoders/decoded.ts';

/** What a setting was said to be last, and by which event. */
interface Setting {
  readonly digest: string;
  readonly id: string;
  readonly timeMs: number;
  /** What was answered for that event: it may come again. */
  readonly unchanged: boolean;
}

/**
 * What the tools' settings were said to be last, so that an event that says the same again can be told. Only what comes
 * later by the tool's time is held against it: after a replay, nothing is said of what is older.
 */
export class KnownSettings {
  readonly #settings: KeyedState<Setting>;

  constructor(clock: Clock) {
    this.#settings = createKeyedState<Setting>({ clock });
  }

  /** Whether an event sets nothing but what was set before. Called once for each event, in their order. */
  isUnchanged(event: ToolEvent): boolean {
    const { tool, server, id, timeMs, sets = {}, unsets = [] } = event;
    const keyOf = (name: string): string => JSON.stringify([tool, server]) + name;
    for (const beginning of unsets) this.#forget(keyOf(beginning), timeMs);
    const said = Object.entries(sets).map(([name, digest]) => [keyOf(name), digest] as const);
    const known = said.map(([key, digest]) => ({ key, digest, before: this.#settings.get(key) }));
    const again = known[0]?.before;
    if (again?.id === id) return again.unchanged;
    const unchanged = known.length > 0 && known.every(({ before, digest }) => isSame(before, digest, timeMs));
    for (const { key, digest, before } of known) {
      if (before === undefined || before.timeMs <= timeMs)
        this.#settings.put(key, { digest, id, timeMs, unchanged });
    }
    return unchanged;
  }

  changes(): readonly RecordInput[] {
    return this.#settings.changes();
  }

  restore(record: StreamRecord): void {
    this.#settings.restore(record);
  }

  #forget(beginning: string, timeMs: number): void {
    for (const [key, setting] of this.#settings.entries()) {
      if (key.startsWith(beginning) && setting.timeMs <= timeMs) this.#settings.delete(key);
    }
  }
}

function isSame(before: Setting | undefined, digest: string, timeMs: number): boolean {
  return before !== undefined && before.digest === digest && before.timeMs <= timeMs;
}
