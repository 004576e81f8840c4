import { cpus, loadavg } from 'node:os';

import { formatOf } from '../../enrichers/decoders/formats.ts';
import { fixtureBytes, readToolFixtures } from '../../pipelines/tool-fixtures.ts';

/**
 * How many bytes a second each decoder reads, over the records of its fixtures: `node benchmarks/micro/decoders.ts
 * [ms]`, so long for each round. Prints one JSON object; five rounds a format, all of them and the median. Time is the
 * processor's, which this program was given: what else the machine does changes it little.
 */
const roundMs = Number(process.argv[2] ?? 300);
const rounds = 5;
const receivedMs = Date.parse('2026-08-20T09:20:00Z');

const records = [...(await readToolFixtures()).values()].flat().flatMap((fixture) => fixture.records);
const byFormat = new Map<
  string,
  { decode: NonNullable<ReturnType<typeof formatOf>>['decode']; values: Buffer[] }
>();
for (const record of records) {
  const { topic, headers } = record;
  const format = formatOf(topic, headers['message-type'] ?? '', headers['content-type'] ?? '');
  const value = fixtureBytes(record);
  if (format === undefined || value === null) continue;
  const found = byFormat.get(format.name) ?? { decode: format.decode, values: [] };
  byFormat.set(format.name, found);
  found.values.push(value);
}

const results = [...byFormat].map(([format, { decode, values }]) => {
  const bytes = values.reduce((sum, value) => sum + value.length, 0);
  const spentMs = (): number => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  const round = (): { mbPerSecond: number; recordsPerSecond: number } => {
    const startMs = spentMs();
    let passes = 0;
    do {
      for (const value of values) decode({ bytes: value, receivedMs, connection: '' });
      passes++;
    } while (spentMs() - startMs < roundMs);
    const seconds = (spentMs() - startMs) / 1000;
    return {
      mbPerSecond: Math.round((passes * bytes) / seconds / 1e4) / 100,
      recordsPerSecond: Math.round((passes * values.length) / seconds),
    };
  };
  round();
  const measured = Array.from({ length: rounds }, round);
  const sorted = [...measured].sort((a, b) => a.mbPerSecond - b.mbPerSecond);
  return {
    format,
    fixtures: values.length,
    bytesPerRecord: Math.round(bytes / values.length),
    median: sorted[Math.floor(rounds / 2)],
    rounds: measured,
  };
});

const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  node: process.version,
  loadAverage: loadavg()[0],
};
process.stdout.write(
  `${JSON.stringify({ command: `node benchmarks/micro/decoders.ts ${roundMs}`, roundMs, machine, results }, null, 2)}\n`,
);
