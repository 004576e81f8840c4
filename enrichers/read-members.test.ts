import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createTestDriver } from '../streams/test-driver.ts';
import { from } from '../streams/topology.ts';
import { readMembers } from './read-members.ts';

const text = (name: string) => ({ name, kind: 'text' }) as const;
const value = { name: 'event', kind: 'json' } as const;
const topology = from('t', { topics: ['in'], format: { headers: {}, value } })
  .through(readMembers('event', ['id', 'device']))
  .to({ topic: 'out', partitionBy: 'same', value: [text('id'), text('device')] })
  .build();
const extended = from('t', { topics: ['in'], format: { headers: {}, value } })
  .through(readMembers('event', ['id']))
  .to({ topic: 'out', partitionBy: 'same', value: { extendedBy: [text('id')] } })
  .build();

async function outcomeOf(bytes: string, over = topology) {
  await using driver = createTestDriver(over);
  await driver.pipe([{ key: 'k', value: bytes, eventTimeMs: 1 }]);
  const [output] = driver.outputs();
  return output?.json ?? driver.deadLetters()[0]?.reason;
}

describe('read-members', () => {
  it('finds what JSON.parse finds, wherever it stands and however it is written', async () => {
    const member = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ maxLength: 3 }));
    const others = fc.dictionary(
      fc.string({ maxLength: 6 }).filter((name) => !['id', 'device', '__proto__'].includes(name)),
      fc.jsonValue(),
      { maxKeys: 4 },
    );
    await fc.assert(
      fc.asyncProperty(others, others, member, member, fc.boolean(), async (a, b, id, device, spaced) => {
        const event = { ...a, id, ...b, device };
        const bytes = JSON.stringify(event, null, spaced ? 2 : 0);
        expect(await outcomeOf(bytes)).toEqual({ id, device });
      }),
      { numRuns: 60 },
    );
  });

  it('names what is missing, and what is no object', async () => {
    expect(await outcomeOf('{"id":"a"}')).toBe('MEMBER_MISSING: device');
    expect(await outcomeOf('{"id":1,"device":"d"}')).toBe('MEMBER_MISSING: id');
    expect(await outcomeOf('{"id":"a","deep":{"device":"d"}}')).toBe('MEMBER_MISSING: device');
    for (const bytes of ['', '[]', '"id"', 'null']) expect(await outcomeOf(bytes)).toBe('NOT_AN_OBJECT');
  });

  it('ends within any bytes', async () => {
    const pieces = fc.array(
      fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '\\', ' ', 'id', 'device', '1'),
      {
        maxLength: 14,
      },
    );
    await fc.assert(
      fc.asyncProperty(pieces, async (parts) => {
        expect(await outcomeOf(parts.join(''))).toBeDefined();
      }),
      { numRuns: 100 },
    );
  });

  it('puts members behind those that came in', async () => {
    expect(await outcomeOf('{"id":"a","n":{"x":[1]}} ', extended)).toEqual({ id: 'a', n: { x: [1] } });
  });
});
