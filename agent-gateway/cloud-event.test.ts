import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { eventLimits } from '../contracts/event.ts';
import { cloudEventSchema } from './cloud-event-schema.ts';
import { type CheckedEvent, checkEvent, checkEventText, isRefusal, type Refusal } from './cloud-event.ts';
import { isUriReference } from './uri-reference.ts';

const nowMs = Date.UTC(2026, 0, 31, 12);
const good = {
  specversion: '1.0',
  id: 'e1',
  source: '/agents/d1',
  type: 'openframe.log',
  time: '2026-01-31T12:00:00Z',
};

function checked(event: unknown): CheckedEvent {
  const result = checkEvent(event, nowMs);
  if (isRefusal(result)) throw new Error(result.message);
  return result;
}

const refusal = (event: unknown): Refusal => checkEvent(event, nowMs) as Refusal;

/** Values that attributes have in good and bad events; JSON text, as events come. */
const attributeValue = fc.oneof(
  fc.constantFrom<unknown>(
    '',
    'a',
    'a b',
    'ä',
    'a\0',
    '\u0085',
    '\ufffe',
    '\ud800',
    '😀',
    '%41',
    '%4',
    null,
    true,
  ),
  fc.constantFrom<unknown>(
    0,
    1.5,
    -1,
    2 ** 31,
    -(2 ** 31),
    2 ** 31 - 1,
    {},
    [],
    'x'.repeat(257),
    'x'.repeat(600),
  ),
  fc.string({ unit: 'binary' }),
  fc.jsonValue(),
);
const known: readonly (readonly [string, readonly unknown[]])[] = [
  ['specversion', ['1.0', '1.1', 1]],
  ['id', ['e1']],
  ['source', ['/agents/d1', 'urn:x:y', 'https://h/p?q#f', 'a b', '']],
  ['type', ['openframe.log']],
  ['time', ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00+01:00', '2026-01-31T12:00:00', 'noon']],
  ['subject', ['d1']],
  ['datacontenttype', ['application/json', 'application/cloudevents+json; x=1', 'text/plain', 'text/JSON']],
  ['dataschema', ['https://example.com/schema', 'not a uri']],
  ['data_base64', ['AAA=']],
  ['data', [{ a: 1 }]],
  ['tenant', ['t']],
  ['Upper', ['x']],
  ['with_underscore', ['x']],
  ['__proto__', ['x']],
];

/** Mostly good events, of which a few members were replaced, added or taken away. */
const anyEvent = fc
  .array(
    fc
      .constantFrom(...known)
      .chain(([name, typical]) =>
        fc.tuple(
          fc.constant(name),
          fc.oneof(fc.constantFrom(...typical), attributeValue, fc.constant(undefined)),
        ),
      ),
    { maxLength: 4 },
  )
  .map((changes) => {
    const members = new Map<string, unknown>([...Object.entries(good), ...changes]);
    const printed = [...members].flatMap(([name, value]) =>
      value === undefined ? [] : [`${JSON.stringify(name)}:${JSON.stringify(value)}`],
    );
    return JSON.parse(`{${printed.join(',')}}`) as unknown;
  });

describe('the check of an event', () => {
  it('takes what the schema takes, and nothing else', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const result = checkEvent(event, nowMs);
        expect(isRefusal(result)).toBe(!cloudEventSchema.safeParse(event).success);
      }),
      { numRuns: 5_000 },
    );
  });

  it('throws for no text whatsoever', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => {
        expect(isRefusal(checkEventText(text, nowMs))).toBe(true);
      }),
    );
  });

  it('takes data to storable JSON of the same meaning', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false, maxDepth: 4 }), (data) => {
        const stored = JSON.parse(checked({ ...good, data }).dataJson) as unknown;
        const meant = JSON.stringify(data)
          .replaceAll('\\u0000', '\ufffd')
          .replaceAll(/\\ud[89a-f]../g, '\ufffd');
        expect(JSON.stringify(stored)).toBe(JSON.stringify(JSON.parse(meant)));
      }),
    );
  });

  it('knows the device from the subject, else from the agent source', () => {
    expect(checked({ ...good, subject: 'd9' })).toMatchObject({ deviceId: 'd9', agentId: 'd1' });
    expect(checked({ ...good, subject: null })).toMatchObject({ deviceId: 'd1', agentId: 'd1' });
    expect(checked({ ...good, source: '/agents/%C3%A4/part?x#y' })).toMatchObject({ deviceId: 'ä' });
    expect(checked({ ...good, source: 'https://tool.example/agents/d1' })).toMatchObject({
      deviceId: '',
      agentId: '',
    });
    expect(checked({ ...good, source: '/agents/%00' })).toMatchObject({ deviceId: '' });
    expect(refusal({ ...good, source: `/agents/${'d'.repeat(300)}` })).toMatchObject({ field: 'source' });
  });

  it('takes times to the millisecond of the limits, and refuses the next', () => {
    const at = (timeMs: number): unknown => ({ ...good, time: new Date(timeMs).toISOString() });
    expect(checked(at(nowMs - eventLimits.maxAgeMs)).timeMs).toBe(nowMs - eventLimits.maxAgeMs);
    expect(checked(at(nowMs + eventLimits.maxAheadMs)).timeMs).toBe(nowMs + eventLimits.maxAheadMs);
    expect(refusal(at(nowMs - eventLimits.maxAgeMs - 1)).code).toBe('EVENT_TIME_OUT_OF_RANGE');
    expect(refusal(at(nowMs + eventLimits.maxAheadMs + 1)).code).toBe('EVENT_TIME_OUT_OF_RANGE');
  });

  it('says of a time without zone that the zone is missing', () => {
    expect(refusal({ ...good, time: '2026-01-31T12:00:00' }).message).toContain('zone');
  });

  it('shows of hostile values only a short and harmless part', () => {
    const { message } = refusal({ ...good, time: `\u001b[31m\n${'x'.repeat(5000)}` });
    expect(message).not.toMatch(/[\n\u001b]/);
    expect(message.length).toBeLessThan(250);
  });
});

describe('a URI-reference', () => {
  it.each([
    '/a',
    'a',
    '',
    'a/b:c',
    'urn:a:b',
    'http://h:1/p?q=/?#f',
    '//h',
    '?q',
    '#f',
    '/%41',
    'x:',
    'x:/a//b',
    'http://[::1]/',
  ])('may be %j', (text) => {
    expect(isUriReference(text)).toBe(true);
  });

  it.each([
    ' ',
    'a b',
    '1:b',
    'a\\b',
    '%4',
    '%zz',
    '/a#b#c',
    '<a>',
    'ä',
    '"',
    '{a}',
    'a|b',
    '^',
    '`',
    'a\nb',
  ])('may not be %j', (text) => {
    expect(isUriReference(text)).toBe(false);
  });
});
