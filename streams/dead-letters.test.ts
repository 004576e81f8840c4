import { describe, expect, it } from 'vitest';

import { deadLetterSchema } from '../contracts/dead-letter.ts';
import { deadLetterRecord } from './dead-letters.ts';

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

  it('says who sent it, where a stage said so', () => {
    expect(letterOf(record, { ...why, sender: 'fleet-1' })).toMatchObject({ sender: 'fleet-1' });
    expect(letterOf(record, why)).not.toHaveProperty('sender');
  });

  it('of a derived record has an identity of its own', () => {
    expect(letterOf(record, { ...why, derivedKey: 'd' }).deadLetterId).toBe('telemetry-raw-3-9-decode-d-7');
  });
});
