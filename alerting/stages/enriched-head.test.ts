import fc from 'fast-check';
import { expect, it } from 'vitest';

import { enrichedMembers } from '../../contracts/enriched.ts';
import { blockOf } from '../../streams/byte-block.ts';
import type { ByteRange } from '../../streams/record.ts';
import { dataStartOf, HeadReader } from './enriched-head.ts';

const text = fc.oneof(
  fc.constantFrom(
    'OPENFRAME',
    'openframe.device',
    'openframe.device.late',
    'INFO',
    'WARNING',
    'a"b',
    'back\\slash',
    '',
  ),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
const needed = new Set(['eventId', 'tenantId', 'source', 'sourceId', 'toolType', 'sourceType', 'eventType']);

/** An enriched event, its members in their order, some left out. */
const event = fc.record(
  Object.fromEntries(
    enrichedMembers.map(({ name, kind }) => {
      const value = kind === 'text' ? text : kind === 'number' ? fc.integer() : fc.jsonValue({ maxDepth: 2 });
      return [name, needed.has(name) || name === 'severity' ? value : optional(value)];
    }),
  ),
);
const isPlain = (value: unknown): boolean => !JSON.stringify(value).includes('\\');

/** The slow way: what the reader says of a parsed event. */
function headOf(given: Readonly<Record<string, unknown>>) {
  const { eventType, severity, toolType, sourceType, deviceId = '' } = given;
  const quiet = /^[DI]/.test(String(severity));
  const alive = toolType === 'OPENFRAME' && !String(sourceType).startsWith('openframe.device.');
  return { eventType, quiet, alive, deviceId };
}

function dataAt({ bytes, end }: ByteRange, at: number): unknown {
  return JSON.parse(bytes.toString('utf8', at, end - 1));
}

it('says of an enriched event what parsing it says, wherever no text of its head has an escape', () => {
  const reader = new HeadReader();
  fc.assert(
    fc.property(event, text, (given, before) => {
      const json = JSON.stringify(given);
      const block = blockOf(Buffer.from(before + json + before));
      const start = Buffer.byteLength(before);
      const range = { ...block, start, end: start + Buffer.byteLength(json) };
      const { data, ...members } = given;
      const head = reader.read(range);
      const headTexts = [...needed, 'severity', 'deviceId'].map((name) => given[name] ?? '');
      if (head === null) expect(headTexts.every(isPlain)).toBe(false);
      else {
        expect(head).toMatchObject(headOf(given));
        const at = dataStartOf(range, head.restStart);
        if (at >= 0) expect(dataAt(range, at)).toEqual(JSON.parse(JSON.stringify(data)));
        else expect(data === undefined || !isPlain(members)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});
