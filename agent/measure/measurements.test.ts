import { platform } from 'node:os';

import { beforeAll, describe, expect, it } from 'vitest';

import { deviceInventorySchema } from '../../contracts/device.ts';
import { type MetricSample, metricSampleSchema } from '../../contracts/event.ts';
import { createSystemClock } from '../../streams/clock.ts';
import { createLinuxMeasurements } from './linux.ts';
import { createLibraryMeasurements } from './other-platforms.ts';

const never = new AbortController().signal;
const implementations = [
  { name: 'the library, as on macOS and Windows', create: createLibraryMeasurements, here: true },
  {
    name: '/proc, as on Linux',
    create: () => createLinuxMeasurements(createSystemClock()),
    here: platform() === 'linux',
  },
];

describe.each(implementations)('this machine, measured by $name', ({ create, here }) => {
  let samples: MetricSample[];

  beforeAll(async () => {
    if (!here) return;
    const measurements = create();
    await measurements.metrics();
    await measurements.processes();
    for (let i = 0; i < 1e8; i++); // CPU time that the second reading finds.
    samples = [
      ...(await measurements.metrics()),
      ...(await measurements.filesystems()),
      ...(await measurements.processes()),
      ...(await measurements.services(never)),
    ];
  });

  it.skipIf(!here)('gives samples of the contract, shares between 0 and 1, nothing negative', () => {
    for (const sample of samples) {
      expect(metricSampleSchema.safeParse(sample).success, JSON.stringify(sample)).toBe(true);
      expect(sample.value, sample.name).toBeGreaterThanOrEqual(0);
      if (/^system\..*utilization$/.test(sample.name))
        expect(sample.value, sample.name).toBeLessThanOrEqual(1);
    }
  });

  it.skipIf(!here)('tells CPU, memory, uptime and how many processes there are', () => {
    const names = new Set(samples.map((sample) => sample.name));
    expect(names).toContain('system.cpu.utilization');
    expect(names).toContain('system.memory.utilization');
    expect(samples.find((s) => s.name === 'system.uptime')?.value).toBeGreaterThan(0);
    expect(samples.find((s) => s.name === 'system.process.count')?.value).toBeGreaterThan(0);
  });

  it.skipIf(!here)('describes itself as the contract wants it', async () => {
    const measurements = create();
    const inventory = { ...(await measurements.inventory()), users: await measurements.users() };
    expect(deviceInventorySchema.safeParse(inventory).error).toBeUndefined();
    expect(inventory.hardware?.memoryBytes).toBeGreaterThan(0);
  });
});
