import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { OpenFrameError } from '../../contracts/errors.ts';
import {
  durationParameter,
  escapeListValue,
  formatDuration,
  listParameter,
  textParameter,
  timeParameter,
  wholeNumberParameter,
} from './parameters.ts';
import { parseBody, parseRequest } from './parse-request.ts';

const schema = z.strictObject({
  at: timeParameter('').optional(),
  bucket: durationParameter('').optional(),
  limit: wholeNumberParameter('', 1, 1000, 50),
  colours: listParameter(z.enum(['red', 'blue']), { description: '', must: 'red or blue' }).optional(),
  deviceId: textParameter('', 8).optional(),
});

function refusalOf(query: unknown): OpenFrameError {
  try {
    parseRequest(schema, query);
  } catch (error) {
    if (error instanceof OpenFrameError) return error;
  }
  throw new Error('it was not refused');
}

describe('parameters', () => {
  it.each([
    ['2026-01-31T08:00:00Z', 1769846400000],
    ['2026-01-31T09:00:00.250+01:00', 1769846400250],
  ])('reads the time %s', (at, ms) => {
    expect(parseRequest(schema, { at }).at).toBe(ms);
  });

  it.each(['2026-01-31', '2026-01-31T08:00:00', '2026-02-30T08:00:00Z', '1769846400000', 'now', ''])(
    'refuses %j as a time',
    (at) => {
      const error = refusalOf({ at });
      expect(error.code).toBe('QUERY_INVALID');
      expect(error.message).toContain('"at" must be an RFC 3339 time with a zone');
      expect(error.details['field']).toBe('at');
    },
  );

  it.each([
    ['30s', 30_000],
    ['1m', 60_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['1d', 86_400_000],
  ])('reads the duration %s and writes it the same', (bucket, ms) => {
    expect(parseRequest(schema, { bucket }).bucket).toBe(ms);
    expect(formatDuration(ms)).toBe(bucket);
  });

  it.each(['0m', '1', 'm', '-1m', '1.5h', '1w', '1000000s', '1 m'])('refuses %j as a duration', (bucket) => {
    expect(refusalOf({ bucket }).details['field']).toBe('bucket');
  });

  it('gives a number its default and refuses what is not one in the range', () => {
    expect(parseRequest(schema, {}).limit).toBe(50);
    expect(parseRequest(schema, { limit: '1000' }).limit).toBe(1000);
    for (const limit of ['0', '1001', '-1', '1.5', '1e2', '0x10', '', ' 5', ['1', '2']]) {
      expect(refusalOf({ limit }).message).toContain('"limit" must be a whole number from 1 to 1000');
    }
  });

  it('takes any value in a list, as it is escaped', () => {
    const list = listParameter(z.string(), { description: '', must: '' });
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 5 }), (values) => {
        expect(list.parse(values.map(escapeListValue).join(','))).toEqual(values);
        expect(list.parse(values.map(escapeListValue))).toEqual(values);
      }),
    );
    expect(list.parse('a\\b,c')).toEqual(['a\\b', 'c']);
  });

  it('takes a list separated by commas, repeated, or both', () => {
    expect(parseRequest(schema, { colours: 'red,blue' }).colours).toEqual(['red', 'blue']);
    expect(parseRequest(schema, { colours: ['red', 'blue,red'] }).colours).toEqual(['red', 'blue', 'red']);
    expect(refusalOf({ colours: 'red,green' }).message).toContain('"colours"');
    expect(refusalOf({ colours: Array.from({ length: 101 }, () => 'red') }).details['field']).toBe('colours');
  });

  it('refuses a text that is repeated', () => {
    expect(refusalOf({ deviceId: ['a', 'b'] }).message).toContain('"deviceId" must be given once');
  });

  it('names every fault of a request, and the parameters that are known', () => {
    const error = refusalOf({ at: 'x', limit: 'y', colour: 'red' });
    expect(error.details['faults']).toHaveLength(3);
    expect(error.message).toContain(
      '"colour" is not known here; known are at, bucket, limit, colours, deviceId',
    );
  });

  it('cuts and escapes what it quotes', () => {
    const error = refusalOf({ at: `\u0000\n"${'x'.repeat(5000)}` });
    expect(error.message.length).toBeLessThan(500);
    expect(error.message).toContain('\\u0000\\n');
  });

  it('never quotes a body, which may hold a secret', () => {
    const body = z.strictObject({ token: z.string({ error: () => 'must be a token' }) });
    expect(() => parseBody(body, { token: ['s3cret'] })).toThrow('"token" must be a token.');
    expect(() => parseBody(body, { token: 'a', s3cret: 'b' })).toThrow(OpenFrameError);
    expect(() => parseBody(body, null)).toThrow(/^"body"/);
  });
});
