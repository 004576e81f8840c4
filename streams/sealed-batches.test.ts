import { describe, expect, it } from 'vitest';

import { RecordCursor } from './record-cursor.ts';
import { SealedBatches } from './sealed-batches.ts';

describe('sealed batches', () => {
  it('hold all records in order, each batch under what a log accepts', () => {
    const batches = new SealedBatches(16);
    const value = Buffer.alloc(100_000, 1);
    for (let i = 0; i < 25; i++) batches.appendRecord({ key: String(i), value, timestampMs: i });
    expect(batches.count).toBe(25);
    const taken = batches.take();
    expect(taken.length).toBeGreaterThan(2);
    const keys: string[] = [];
    const cursor = new RecordCursor();
    for (const batch of taken) {
      expect(batch.length).toBeLessThan(1_048_576);
      cursor.reset(batch);
      while (cursor.next()) keys.push(cursor.keyText());
    }
    expect(keys).toEqual(Array.from({ length: 25 }, (_, i) => String(i)));
    expect(batches.take()).toEqual([]);
    expect(batches.count).toBe(0);
  });
});
