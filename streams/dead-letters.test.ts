import { describe, expect, it } from 'vitest';

import { deadLetterSchema } from '../contracts/dead-letter.ts';
import { DeadLetterGuard, deadLetterRecord } from './dead-letters.ts';

const record = {
  key: 'k',
  eventTimeMs: 7,
  headers: { tenant: 't1', replays: '2' },
  value: Buffer.from([0, 255]),
};
const why = {
  topology: 'telemetry',
  stage: 'decode',
  reason: 'BAD',
  topic: 'raw',
  partition: 3,
  offset: 9,
  atMs: 11,
};

function letterOf(
  from: Parameters<typeof deadLetterRecord>[0],
  cause: Parameters<typeof deadLetterRecord>[1],
) {
  return deadLetterSchema.parse(JSON.parse(String(deadLetterRecord(from, cause).value)));
}

describe('a dead letter', () => {
  it('keeps the bytes, the stage, the reason and whose it is', () => {
    expect(letterOf(record, { ...why, cause: new Error('broken') })).toMatchObject({
      deadLetterId: 'telemetry-raw-3-9',
      tenantId: 't1',
      stage: 'decode',
      reason: 'BAD',
      error: 'broken',
      value: Buffer.from([0, 255]).toString('base64'),
      replays: 2,
    });
  });

  it.each(['x', '-1', '1e99', ''])('counts hostile replays %j as none', (replays) => {
    expect(letterOf({ ...record, headers: { replays } }, why)).toMatchObject({ replays: 0, tenantId: null });
  });

  it('of a derived record has an identity of its own', () => {
    expect(letterOf(record, { ...why, derivedKey: 'd' }).deadLetterId).toBe('telemetry-raw-3-9-decode-d-7');
  });
});

describe('the dead-letter guard', () => {
  it('stops a topology whose share of dead letters passes the limit', () => {
    const guard = new DeadLetterGuard({ share: 0.5, minRecords: 10 });
    expect(() => guard.check('t', 9, 9)).not.toThrow();
    expect(() => guard.check('t', 10, 5)).not.toThrow();
    expect(() => guard.check('t', 10, 6)).toThrow(expect.objectContaining({ code: 'DEAD_LETTER_LIMIT' }));
  });

  it('counts a batch that is repeated once', () => {
    const guard = new DeadLetterGuard({ share: 0.5, minRecords: 10 });
    for (let attempt = 0; attempt < 100; attempt++) guard.check('t', 1, 1);
    guard.count(1, 1);
    expect(() => guard.check('t', 8, 0)).not.toThrow();
    expect(() => guard.check('t', 8, 8)).not.toThrow();
    guard.count(8, 8);
    expect(() => guard.check('t', 1, 1)).toThrow(/10 of its last 10/);
  });

  it('judges by the last records, not by all there ever were', () => {
    const guard = new DeadLetterGuard({ share: 0.5, minRecords: 10 });
    for (let i = 0; i < 1000; i++) guard.count(10, 0);
    let batches = 0;
    const isStopped = (): boolean => {
      try {
        guard.check('t', 10, 10);
        guard.count(10, 10);
        return false;
      } catch {
        return true;
      }
    };
    while (batches < 100 && !isStopped()) batches++;
    expect(batches).toBeLessThan(20);
  });
});
