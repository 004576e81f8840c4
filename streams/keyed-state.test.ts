import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createManualClock } from './clock.ts';
import { createKeyedState, type KeyedState } from './keyed-state.ts';
import type { RecordInput } from './record-batch.ts';

const clock = createManualClock(5);

function restored(changes: readonly RecordInput[]): KeyedState<number> {
  const state = createKeyedState<number>({ clock });
  for (const { key, value } of changes) {
    const bytes = value === null ? null : Buffer.from(value);
    state.restore({ key: String(key), eventTimeMs: 0, headers: {}, value: bytes });
  }
  return state;
}

describe('keyed state', () => {
  it('is what its changelog says after any changes, committed in any batches', () => {
    const change = fc.tuple(fc.constantFrom('a', 'b', ''), fc.option(fc.integer()), fc.boolean());
    fc.assert(
      fc.property(fc.array(change), (steps) => {
        const state = createKeyedState<number>({ clock });
        const changelog: RecordInput[] = [];
        for (const [key, value, commits] of steps) {
          if (value === null) state.delete(key);
          else state.put(key, value);
          if (commits) changelog.push(...state.changes());
        }
        changelog.push(...state.changes());
        expect(new Map(restored(changelog).entries())).toEqual(new Map(state.entries()));
      }),
    );
  });

  it('writes a key once a batch, however often it changed', () => {
    const state = createKeyedState<number>({ clock });
    for (let i = 0; i < 10; i++) state.put('a', i);
    expect(state.changes()).toEqual([{ key: 'a', value: '9', timestampMs: 5 }]);
    expect(state.changes()).toEqual([]);
  });

  it('leaves a tombstone for a key that is gone, and none for one that never was', () => {
    const state = restored([{ key: 'a', value: '1', timestampMs: 0 }]);
    state.delete('a');
    state.delete('b');
    expect(state.changes()).toEqual([{ key: 'a', value: null, timestampMs: 5 }]);
    expect(state.size).toBe(0);
  });

  it('does not write back what it restored', () => {
    expect(restored([{ key: 'a', value: '1', timestampMs: 0 }]).changes()).toEqual([]);
  });

  it('takes the bytes of a codec', () => {
    const codec = { encode: (n: number) => Buffer.from([n]), decode: (bytes: Uint8Array) => bytes[0] ?? 0 };
    const state = createKeyedState<number>({ clock, codec });
    state.put('a', 7);
    expect(state.changes()[0]?.value).toEqual(Buffer.from([7]));
    state.restore({ key: 'b', eventTimeMs: 0, headers: {}, value: Buffer.from([9]) });
    expect(state.get('b')).toBe(9);
  });

  it('names a changelog that cannot be read', () => {
    const damaged = () => restored([{ key: 'a', value: '{', timestampMs: 0 }]);
    expect(damaged).toThrow(expect.objectContaining({ code: 'STATE_CORRUPT' }));
  });
});
