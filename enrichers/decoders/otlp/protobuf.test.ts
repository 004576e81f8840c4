import fc from 'fast-check';
import { expect, it } from 'vitest';

import { decodeProtobuf } from './protobuf.ts';
import { exportLogsRequest, exportMetricsRequest } from './schema.ts';
import { delimited, logsRequest } from './wire.fixture.ts';

it('decodes any bytes or says what is wrong with them, without running away', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      for (const request of [exportLogsRequest, exportMetricsRequest]) {
        try {
          decodeProtobuf(Buffer.from(bytes), request);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }
    }),
    { numRuns: 2_000 },
  );
});

/** What a request of one record decodes to. */
function decodedRecord(record: object): object {
  return { resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] };
}

it('keeps every bit of 64-bit integers, and tells a zero from nothing', () => {
  const ones = Buffer.alloc(8, 0xff);
  const negative = Buffer.from([0x18, ...Buffer.alloc(9, 0xff), 0x01]);
  const record = Buffer.concat([Buffer.from([0x09]), ones, Buffer.from([0x10, 0]), delimited(5, negative)]);
  const decoded = { timeUnixNano: '18446744073709551615', severityNumber: 0, body: { intValue: '-1' } };
  expect(decodeProtobuf(logsRequest(record), exportLogsRequest)).toEqual(decodedRecord(decoded));
  const smallest = Buffer.from([0x18, ...Buffer.alloc(9, 0x80), 0x01]);
  expect(decodeProtobuf(logsRequest(delimited(5, smallest)), exportLogsRequest)).toEqual(
    decodedRecord({ body: { intValue: '-9223372036854775808' } }),
  );
});

it('skips fields that it does not know', () => {
  const unknown = Buffer.from([0x38, 5, 0x45, 1, 2, 3, 4, ...delimited(13, Buffer.from('later'))]);
  const record = Buffer.concat([unknown, delimited(12, Buffer.from('boot'))]);
  expect(decodeProtobuf(logsRequest(record), exportLogsRequest)).toEqual(
    decodedRecord({ eventName: 'boot' }),
  );
});
