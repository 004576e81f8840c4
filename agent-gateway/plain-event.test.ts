import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { toStorableJson } from '../contracts/storable-json.ts';
import { blockOf } from '../streams/byte-block.ts';
import { RecordCursor } from '../streams/record-cursor.ts';
import { type CheckedEvent, checkEventText, isRefusal } from './cloud-event.ts';
import { plainEventAt } from './plain-event.ts';
import { createRawRecordEncoder } from './raw-record.ts';

const nowMs = Date.UTC(2026, 0, 31, 12);
const good = {
  specversion: '1.0',
  id: 'e1',
  source: '/agents/d1',
  type: 'openframe.log',
  time: '2026-01-31T11:59:59.123Z',
  subject: 'd1',
  datacontenttype: 'application/json',
  data: { message: 'a "quoted" line\n', value: 0.125, tags: ['ä', null, true, {}] },
};

const plain = (line: string): CheckedEvent | null => plainEventAt(blockOf(Buffer.from(line)), 0, nowMs);

/** The attributes as values: those of a plain event are getters. */
function attributesOf(event: CheckedEvent): object {
  const { id, source, type, time, timeMs, deviceId, agentId, dataJson } = event;
  return { id, source, type, time, timeMs, deviceId, agentId, data: toStorableJson(JSON.parse(dataJson)) };
}

const text = fc.oneof(
  fc.constantFrom(
    '',
    'x',
    'a b',
    '/agents/d2',
    '/agents/',
    '/agents/a/b',
    '/agents/%41',
    'ä',
    '"',
    '1.0',
    'e2',
  ),
  fc.constantFrom('x'.repeat(256), `/agents/${'d'.repeat(256)}`, `/agents/${'d'.repeat(257)}`),
  fc.constantFrom('2026-02-30T00:00:00Z', '2026-01-31T12:00:00+02:00', '1970-01-01T00:00:00Z', '2026-01-31'),
  fc.string({ maxLength: 12 }),
);
const changed = fc
  .tuple(fc.constantFrom(...Object.keys(good), 'extension', 'Data'), fc.oneof(text, fc.jsonValue()))
  .map(([name, value]) => ({ ...good, [name]: value }));
const without = fc.constantFrom(...Object.keys(good)).map((name) => ({ ...good, [name]: undefined }));
const shuffled = fc
  .shuffledSubarray(Object.entries(good), { minLength: 8 })
  .map((entries) => Object.fromEntries(entries));
const line = fc.oneof(
  fc.jsonValue({ maxDepth: 5 }).map((data) => JSON.stringify({ ...good, data })),
  fc.oneof(changed, without, shuffled).map((event) => JSON.stringify(event)),
);
/** Lines with a few characters changed: most of them are no JSON any more, and some are. */
const damaged = fc
  .tuple(
    line,
    fc.array(fc.tuple(fc.nat(), fc.constantFrom(...'{}[]",:\\u0e+-.1 \n\r\t\u0001äd')), { maxLength: 3 }),
  )
  .map(([whole, changes]) =>
    changes.reduce((now, [at, char]) => {
      const place = at % (now.length + 1);
      return now.slice(0, place) + char + now.slice(place + (at % 2));
    }, whole),
  );

describe('a plain event', () => {
  it('is the event that parsing the line gives, and never one that parsing refuses', () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.oneof(line, damaged), (body) => {
        const event = plain(body);
        if (event === null) return;
        taken++;
        const parsed = checkEventText(body.split('\n')[0] ?? '', nowMs);
        if (isRefusal(parsed)) throw new Error(`${body} is refused: ${parsed.message}`);
        expect(attributesOf(event)).toEqual(attributesOf(parsed));
      }),
      { numRuns: 3000 },
    );
    expect(taken).toBeGreaterThan(300);
  });

  it('becomes the same record, byte for byte, as one with the same attributes as text', () => {
    fc.assert(
      fc.property(line, fc.string({ maxLength: 40 }), (body, before) => {
        const bytes = Buffer.from(before + body);
        const event = plainEventAt(blockOf(bytes), Buffer.byteLength(before), nowMs);
        if (event === null) return;
        const { id, source, type, time, timeMs, deviceId, agentId, dataJson } = event;
        const asText = { id, source, type, time, timeMs, deviceId, agentId, dataJson };
        expect(recordOf(event)).toEqual(recordOf(asText));
      }),
      { numRuns: 1000 },
    );
  });

  it('is what agents send, whatever the order of its members', () => {
    fc.assert(fc.property(shuffled, (event) => plain(JSON.stringify(event)) !== null));
    expect(plain(`${JSON.stringify(good)}\n{`)?.id).toBe('e1');
  });

  it.each([
    ['white space outside of strings', JSON.stringify(good, null, 1)],
    ['a member of its data twice', JSON.stringify(good).replace('"tags"', '"value"')],
    ['an attribute twice', JSON.stringify(good).replace('{', '{"id":"e1",')],
    ['something behind it', `${JSON.stringify(good)} `],
    ['an escaped NUL', JSON.stringify({ ...good, data: '\0' })],
    ['a number that a double cannot hold', JSON.stringify(good).replace('0.125', '1e999')],
    ['a number of many digits', JSON.stringify(good).replace('0.125', '1234567890123456789')],
    ['data nested too deep', JSON.stringify(good).replace('0.125', `${'['.repeat(40)}${']'.repeat(40)}`)],
    ['an extension', JSON.stringify({ ...good, traceparent: 'x' })],
    ['no end', JSON.stringify(good).slice(0, -1)],
  ])('has not %s', (_, body) => {
    expect(plain(body)).toBeNull();
  });
});

function recordOf(event: CheckedEvent): object {
  const encoder = createRawRecordEncoder();
  encoder.append('north', event, nowMs);
  const batch = encoder.finish() ?? Buffer.alloc(0);
  const cursor = new RecordCursor();
  cursor.reset(batch);
  cursor.next();
  return { batch: batch.toString('hex'), key: cursor.keyText(), headers: cursor.headers() };
}
