import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ByteWriter } from './byte-writer.ts';
import { encodeHeaders } from './encoded-headers.ts';
import { RecordBatchBuilder } from './record-batch.ts';
import { deadLetter, drop, emit, type Stage } from './stage.ts';
import { createTestDriver } from './test-driver.ts';
import { from } from './topology.ts';

const format = {
  headers: {
    tenant: { name: 'tenant', kind: 'text' },
    device: { name: 'device', kind: 'text' },
    ingesttime: { name: 'ingestTime', kind: 'number' },
  },
  value: { name: 'data', kind: 'json' },
} as const;

/** Reads every way there is, sets every kind of value, and drops, buries and throws on what it reads. */
const judge: Stage = {
  name: 'judge',
  reads: ['tenant', 'device', 'ingestTime', 'data'],
  adds: [
    { name: 'length', kind: 'number' },
    { name: 'note', kind: 'text' },
    { name: 'copy', kind: 'json' },
    { name: 'raw', kind: 'text' },
  ],
  open: ({ field, emit: derive }) => {
    const [tenant, device, ingestTime, data] = [
      field('tenant'),
      field('device'),
      field('ingestTime'),
      field('data'),
    ];
    const [length, note, copy, raw] = [field('length'), field('note'), field('copy'), field('raw')];
    return {
      process: (record) => {
        const text = record.text(device);
        if (text.startsWith('drop')) return drop(`unwanted ${text.length}`);
        if (text.startsWith('bury')) return deadLetter('BURIED', new Error(record.text(tenant)));
        if (text.startsWith('derive')) {
          derive({
            key: record.key,
            eventTimeMs: record.eventTimeMs,
            fields: { tenant: text, note: 'derived' },
          });
        }
        const parsed = record.json(data);
        const { bytes, start, end } = record.range(device);
        record.set(length, record.number(ingestTime));
        record.set(note, `${record.has(tenant)}|${record.has(data)}|${text}|${record.key}|${record.offset}`);
        record.set(raw, Buffer.from(bytes.subarray(start, end)).toString('hex'));
        if (parsed !== undefined) record.set(copy, Buffer.from(JSON.stringify(parsed)));
        if (text.startsWith('over')) record.set(tenant, Buffer.from(text));
        return emit;
      },
    };
  },
};

const topologies = {
  encoded: from('encoded', { topics: ['in'], format })
    .through(judge)
    .to({
      topic: 'out',
      partitionBy: 'key',
      value: [...Object.values(format.headers), format.value, ...judge.adds],
      addHeaders: { tenant: 'tenant', note: 'note', length: 'length' },
    })
    .build(),
  extended: from('extended', { topics: ['in'], format })
    .through(judge)
    .to({ topic: 'out', partitionBy: 'same', value: { extendedBy: judge.adds } })
    .build(),
  asIs: from('as-is', { topics: ['in'], format })
    .through(judge)
    .to({ topic: 'out', partitionBy: 'key', value: 'as-is' })
    .build(),
};

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(
    '',
    '\u0000',
    '"',
    '\\',
    '\n\t',
    '\ud800',
    'é',
    '日本',
    '💥',
    '</script>',
    '\u2028',
    '__proto__',
    '0',
    '-1',
    '01',
    '1e3',
    'NaN',
    ' 7 ',
  ),
  fc.string({ maxLength: 60 }),
);
const device = fc.oneof(
  hostile,
  fc.tuple(fc.constantFrom('drop', 'bury', 'derive', 'over'), hostile).map(([verb, text]) => verb + text),
);
const value = fc.oneof(
  fc.constant(null),
  fc.json().map((text) => Buffer.from(text)),
  hostile.map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 10 }).map((bytes) => Buffer.from(bytes)),
);
/** A header's value: text, bytes that are no UTF-8, or none at all. */
const headerValue = fc.oneof(
  { weight: 6, arbitrary: hostile.map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 1, arbitrary: fc.constant(null) },
);
const header = fc.oneof(
  fc.tuple(fc.constantFrom('tenant', 'ingesttime'), headerValue),
  fc.tuple(
    fc.constant('ingesttime'),
    fc.nat().map((n) => Buffer.from(String(n))),
  ),
  fc.tuple(
    fc.constant('device'),
    device.map((text) => Buffer.from(text)),
  ),
  fc.tuple(fc.constantFrom('unknown', 'note', '', 'ce_id'), headerValue),
);
const record = fc.record({
  // An object's key is text, so only text is fair; what a key's bytes hold, only the bytes can keep.
  key: fc.option(hostile.map((text) => Buffer.from(text))),
  value,
  timestampMs: fc.integer({ min: 0, max: 2 ** 40 }),
  headers: fc.array(header, { maxLength: 6 }),
});

type Header = readonly [string, Buffer | null];

/** Repeated names and missing values included, which an object of headers cannot hold. */
function section(headers: readonly Header[]): Uint8Array {
  const writer = new ByteWriter(256);
  writer.varint(headers.length);
  for (const [name, bytes] of headers) {
    const one = Buffer.from(encodeHeaders({ [name]: bytes ?? '' })).subarray(1);
    if (bytes !== null) writer.bytes(one);
    else {
      writer.bytes(one.subarray(0, -1));
      writer.varint(-1);
    }
  }
  return Buffer.from(writer.written());
}

describe('bytes and objects', () => {
  it.each(Object.entries(topologies))(
    'give equal results: %s',
    async (_name, topology) => {
      await fc.assert(
        fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 12 }), async (records) => {
          const builder = new RecordBatchBuilder();
          for (const { key, value: bytes, timestampMs, headers } of records) {
            builder.append(timestampMs, key, bytes, section(headers));
          }
          const batch = builder.finish({ compress: true });
          const results = await Promise.all(
            (['bytes', 'objects'] as const).map(async (recordsAs) => {
              await using driver = createTestDriver(topology, { recordsAs, partitions: 3 });
              await driver.pipeBytes(Buffer.from(batch), 1);
              const outputs = driver.outputs().map(({ value: bytes, json, ...rest }) => ({
                ...rest,
                json,
                // A value that passes as it is keeps its bytes; an encoded one may differ in its spelling alone.
                value: topology.output.value === 'as-is' ? bytes : bytes === null,
              }));
              const { stages } = driver.status();
              return { outputs, letters: driver.deadLetters(), stages };
            }),
          );
          expect(results[0]).toEqual(results[1]);
          for (const { json, value: bytes } of results[0]?.outputs ?? []) {
            if (Array.isArray(topology.output.value)) expect([bytes, typeof json]).toEqual([false, 'object']);
          }
        }),
        { numRuns: 150 },
      );
    },
    60_000,
  );
});
