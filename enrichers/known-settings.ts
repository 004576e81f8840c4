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

/** Settings that are kept of one server of a tool. A server of Fleet with hundreds of teams has fewer. */
const ofServer = 5_000;

/**
 * What the tools' settings were said to be last, so that an event that says the same again can be told. Only what comes
 * later by the tool's time is held against it: after a replay, nothing is said of what is older. Of a server with more
 * settings than are kept, those are forgotten that were said longest ago: what says them again counts as a change.
 */
export class KnownSettings {
  readonly #settings: KeyedState<Setting>;
  /** Keys by server, in the order in which they were last said. */
  readonly #servers = new Map<string, Set<string>>();
  readonly #limit: number;

  constructor(clock: Clock, limit = ofServer) {
    this.#settings = createKeyedState<Setting>({ clock });
    this.#limit = limit;
  }

  /** Whether an event sets nothing but what was set before. Called once for each event, in their order. */
  isUnchanged(event: ToolEvent): boolean {
    const { tool, server, id, timeMs, sets = {}, unsets = [] } = event;
    const of = JSON.stringify([tool, server]);
    for (const beginning of unsets) this.#forget(of, beginning, timeMs);
    const said = Object.entries(sets).map(([name, digest]) => [of + name, digest] as const);
    const known = said.map(([key, digest]) => ({ key, digest, before: this.#settings.get(key) }));
    const again = known[0]?.before;
    if (again?.id === id) return again.unchanged;
    const unchanged = known.length > 0 && known.every(({ before, digest }) => isSame(before, digest, timeMs));
    for (const { key, digest, before } of known) {
      if (before !== undefined && before.timeMs > timeMs) continue;
      this.#settings.put(key, { digest, id, timeMs, unchanged });
      this.#noteSaid(of, key);
    }
    return unchanged;
  }

  changes(): readonly RecordInput[] {
    return this.#settings.changes();
  }

  restore(record: StreamRecord): void {
    this.#settings.restore(record);
    const { key } = record;
    const of = serverOf(key);
    if (this.#settings.get(key) !== undefined) this.#noteSaid(of, key);
    else this.#servers.get(of)?.delete(key);
  }

  /** A key that is said anew goes to the end; the one in front goes where there are too many. */
  #noteSaid(of: string, key: string): void {
    const keys = this.#servers.get(of) ?? new Set();
    this.#servers.set(of, keys);
    keys.delete(key);
    keys.add(key);
    const [longestAgo] = keys;
    if (keys.size > this.#limit && longestAgo !== undefined) this.#remove(keys, longestAgo);
  }

  #forget(of: string, beginning: string, timeMs: number): void {
    const keys = this.#servers.get(of) ?? new Set();
    for (const key of keys) {
      if (key.startsWith(of + beginning) && (this.#settings.get(key)?.timeMs ?? 0) <= timeMs)
        this.#remove(keys, key);
    }
  }

  #remove(keys: Set<string>, key: string): void {
    keys.delete(key);
    this.#settings.delete(key);
  }
}

/** What a key begins with: the JSON of tool and server, in which a quotation mark and a bracket end the server. */
function serverOf(key: string): string {
  return /^\["(?:[^"\\]|\\.)*","(?:[^"\\]|\\.)*"\]/.exec(key)?.[0] ?? '';
}

function isSame(before: Setting | undefined, digest: string, timeMs: number): boolean {
  return before !== undefined && before.digest === digest && before.timeMs <= timeMs;
}
