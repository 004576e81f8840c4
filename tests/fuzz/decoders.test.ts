import fc from 'fast-check';
import { expect, it } from 'vitest';

import { toolFormats } from '../../enrichers/decoders/formats.ts';
import { fuzzDecoders } from './fuzz-decoders.ts';

it('keeps every law on 20,000 mutations of the fixtures', { timeout: 120_000 }, async () => {
  const report = await fuzzDecoders({ inputs: 20_000, seed: 20_261_125, stopwatchMs: () => 0 });
  expect(report.broken).toEqual([]);
  expect(Object.keys(report.formats).sort()).toEqual(toolFormats.map(({ name }) => name).sort());
  expect(report.events).toBeGreaterThan(1_000);
  expect(report.refused).toBeGreaterThan(1_000);
});

it.each(toolFormats.map((format) => [format.name, format] as const))(
  '%s answers any JSON and any bytes without throwing',
  (_, format) => {
    const input = (bytes: Uint8Array) => ({ bytes, receivedMs: 1_700_000_000_000, connection: '' });
    const kinds = ['events', 'link', 'nothing', 'refused'];
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.json().map((json) => Buffer.from(json)),
        ),
        (bytes) => {
          expect(kinds).toContain(format.decode(input(bytes)).kind);
        },
      ),
      { numRuns: 300 },
    );
  },
);
