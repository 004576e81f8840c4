import { expect, it } from 'vitest';

import { enrichedEvent } from '../../conformance/enriched-events.ts';
import { maxRecordBytes, readEnriched } from './enriched-record.ts';

const bytesOf = (given: object): Buffer => Buffer.from(JSON.stringify({ ...enrichedEvent(1), ...given }));

it('reads where an event belongs, and whether a name is missing', () => {
  const named = { hostname: 'h', organizationId: 'o', organizationName: 'O' };
  expect(readEnriched(bytesOf({ deviceId: 'd', eventTime: 1.6 }))).toMatchObject({
    tenantId: 'north',
    deviceId: 'd',
    eventTimeMs: 2,
    isIncomplete: true,
  });
  expect(readEnriched(bytesOf(named))).toMatchObject({ deviceId: null, isIncomplete: false });
});

it('says what is wrong with a record that can never be answered', () => {
  const reasons: [Buffer, RegExp][] = [
    [Buffer.from('{"a":'), /not JSON/],
    [Buffer.from('[]'), /not a JSON object/],
    [Buffer.from([0x22, 0xff, 0x22]), /not UTF-8/],
    [Buffer.from(`${'['.repeat(200_000)}${']'.repeat(200_000)}`), /not JSON|not a JSON object/],
    [bytesOf({ summary: 7 }), /summary is not text/],
    [bytesOf({ source: undefined }), /source is missing/],
    [bytesOf({ hostname: {} }), /hostname is not text/],
    [bytesOf({ ingestTime: '1' }), /ingestTime is not a time/],
    [bytesOf({ eventTime: 253_402_300_800_000 }), /eventTime is not a time/],
    [bytesOf({ eventId: 'x' }), /eventId is not a UUID/],
    [bytesOf({ tenantId: 'ä'.repeat(9000) }), /tenantId is longer/],
    [Buffer.alloc(maxRecordBytes + 1, 0x20), /larger than/],
  ];
  for (const [value, reason] of reasons) {
    expect(readEnriched(value)).toMatchObject({ reason: expect.stringMatching(reason) as string });
  }
});

it('takes text for keys that UTF-8 can hold, whatever its escapes said', () => {
  expect(readEnriched(bytesOf({ deviceId: 'a\ud800' }))).toMatchObject({ deviceId: 'a\ufffd' });
  expect(
    readEnriched(Buffer.from(`{"__proto__":{"tenantId":"south"},${bytesOf({}).toString().slice(1)}`)),
  ).toMatchObject({
    tenantId: 'north',
  });
});
