import { describe, expect, it } from 'vitest';

import { type BatchLetters, DeadLetterGuard } from './dead-letter-guard.ts';

const limit = { share: 0.5, minRecords: 10 };
const of = (records: number, letters: number): BatchLetters => ({ records, letters });

/** A batch of several senders: for each its records and how many of them are dead letters. */
function batch(senders: Readonly<Record<string, readonly [number, number]>>): BatchLetters {
  const counts = Object.entries(senders).map(
    ([name, [records, letters]]) => [name, { records, letters }] as const,
  );
  return {
    records: counts.reduce((sum, [, { records }]) => sum + records, 0),
    letters: counts.reduce((sum, [, { letters }]) => sum + letters, 0),
    senders: new Map(counts),
  };
}

const stopped = expect.objectContaining({ code: 'DEAD_LETTER_LIMIT' }) as unknown;

describe('the dead-letter guard', () => {
  it('stops a topology whose share of dead letters passes the limit', () => {
    const guard = new DeadLetterGuard(limit);
    expect(() => guard.check('t', of(9, 9))).not.toThrow();
    expect(() => guard.check('t', of(10, 5))).not.toThrow();
    expect(() => guard.check('t', of(10, 6))).toThrow(stopped);
  });

  it('counts a batch that is repeated once', () => {
    const guard = new DeadLetterGuard(limit);
    for (let attempt = 0; attempt < 100; attempt++) guard.check('t', of(1, 1));
    guard.count(of(1, 1));
    expect(() => guard.check('t', of(8, 0))).not.toThrow();
    expect(() => guard.check('t', of(8, 8))).not.toThrow();
    guard.count(of(8, 8));
    expect(() => guard.check('t', of(1, 1))).toThrow(/10 of its last 10/);
  });

  it('judges by the last records, not by all there ever were', () => {
    const guard = new DeadLetterGuard(limit);
    for (let i = 0; i < 1000; i++) guard.count(of(10, 0));
    let batches = 0;
    const isStopped = (): boolean => {
      try {
        guard.check('t', of(10, 10));
        guard.count(of(10, 10));
        return false;
      } catch {
        return true;
      }
    };
    while (batches < 100 && !isStopped()) batches++;
    expect(batches).toBeLessThan(20);
  });
});

describe('the dead-letter guard where stages name senders', () => {
  it('goes on without one sender, however much of it fails and however long the others are silent', () => {
    const guard = new DeadLetterGuard(limit);
    for (let i = 0; i < 1000; i++) {
      const flood = batch(i === 500 ? { good: [1, 0], evil: [100, 100] } : { evil: [100, 100] });
      guard.check('t', flood);
      guard.count(flood);
    }
    expect(guard.warning()).toContain('Most of what comes from 1 of 2 senders cannot be processed');
  });

  it('goes on while no more senders fail than the share allows', () => {
    const guard = new DeadLetterGuard(limit);
    const half = batch({ a: [100, 100], b: [100, 90], c: [1, 0], d: [1, 0] });
    expect(() => guard.check('t', half)).not.toThrow();
    guard.count(half);
    expect(guard.warning()).toContain('2 of 4 senders');
  });

  it('stops where more senders fail than that, as after a bad deploy', () => {
    const guard = new DeadLetterGuard(limit);
    guard.count(batch({ a: [10, 0], b: [10, 0], c: [10, 0] }));
    const bad = batch({ a: [50, 50], b: [50, 50] });
    expect(() => guard.check('t', bad)).toThrow(
      /100 of its last 130 records.* They come from 2 of 3 senders/,
    );
    expect(() => guard.check('t', batch({ a: [50, 50], d: [1, 1] }))).not.toThrow();
  });

  it('stops where each of many small senders fails', () => {
    const guard = new DeadLetterGuard(limit);
    const names = Array.from({ length: 12 }, (_, i) => [`sender-${i}`, [1, 1]] as const);
    expect(() => guard.check('t', batch(Object.fromEntries(names)))).toThrow(stopped);
  });

  it('judges what no sender is named for by itself', () => {
    const guard = new DeadLetterGuard(limit);
    const named = batch({ a: [100, 0], b: [100, 100] });
    expect(() => guard.check('t', { ...named, records: 210, letters: 105 })).not.toThrow();
    expect(() => guard.check('t', { ...named, records: 210, letters: 110 })).toThrow(/10 of its last 10/);
  });

  it('takes a sender for well again once its records go through', () => {
    const guard = new DeadLetterGuard(limit);
    guard.count(batch({ a: [20, 20], b: [20, 0] }));
    expect(guard.warning()).not.toBeNull();
    guard.count(batch({ a: [30, 0] }));
    expect(guard.warning()).toBeNull();
  });

  it('keeps no more than a bounded number of names', () => {
    const guard = new DeadLetterGuard(limit);
    guard.count(batch({ good: [10, 0] }));
    for (let i = 0; i < 5000; i++) guard.count(batch({ [`evil-${i}`]: [1, 1] }));
    expect(guard.warning()).toMatch(/ of 1001 senders/);
  });
});
