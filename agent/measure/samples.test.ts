import { describe, expect, it } from 'vitest';

import type { MetricSample } from '../../contracts/event.ts';
import {
  cpuSamples,
  filesystemSamples,
  ioSamples,
  loadSamples,
  memorySamples,
  memoryStates,
  processSamples,
} from './samples.ts';

const times = { user: 0, nice: 0, system: 0, idle: 0, iowait: 0, interrupt: 0, steal: 0 };

function valueOf(samples: readonly MetricSample[], name: string, label?: string): number | undefined {
  const labelled = (s: MetricSample): boolean =>
    label === undefined ? s.labels === undefined : Object.values(s.labels ?? {}).includes(label);
  return samples.find((s) => s.name === name && labelled(s))?.value;
}

describe('samples', () => {
  it('CPU utilization is the busy share between two readings; idle and waiting for I/O are not busy', () => {
    const before = { ...times, user: 100, idle: 1000 };
    const samples = cpuSamples(before, { ...times, user: 150, system: 10, idle: 1030, iowait: 10 });
    expect(valueOf(samples, 'system.cpu.utilization')).toBe(0.6);
    expect(valueOf(samples, 'system.cpu.utilization', 'user')).toBe(0.5);
    expect(valueOf(samples, 'system.cpu.utilization', 'iowait')).toBe(0.1);
    expect(cpuSamples(before, before)).toEqual([]);
  });

  it('a counter that went back, as idle time may, is no negative share', () => {
    const samples = cpuSamples({ ...times, idle: 10, user: 1 }, { ...times, idle: 9, user: 3 });
    expect(samples.every((s) => s.value >= 0 && s.value <= 1)).toBe(true);
    expect(valueOf(samples, 'system.cpu.utilization')).toBe(1);
  });

  it("memory's states add up to all of it, and its utilization leaves out what programs can have", () => {
    const meminfo = new Map([
      ['MemTotal', 1000],
      ['MemFree', 300],
      ['Buffers', 50],
      ['Cached', 200],
      ['SReclaimable', 50],
    ]);
    const states = memoryStates(meminfo);
    expect(Object.values(states).reduce((a, b) => a + b)).toBe(1000);
    const samples = memorySamples(1000, 580, states);
    expect(valueOf(samples, 'system.memory.utilization')).toBe(0.42);
    expect(valueOf(samples, 'system.memory.usage', 'used')).toBe(400);
  });

  it('traffic is what moved since the reading before; a new device and one that restarted give none', () => {
    const before = new Map([
      ['eth0', { inward: 100, outward: 50 }],
      ['wg0', { inward: 900, outward: 900 }],
    ]);
    const now = new Map([
      ['eth0', { inward: 150, outward: 50 }],
      ['wg0', { inward: 10, outward: 10 }],
      ['eth1', { inward: 7, outward: 7 }],
    ]);
    expect(ioSamples('system.network.io', before, now)).toEqual([
      sample('receive', 50),
      sample('transmit', 0),
    ]);
  });

  it('a file system is as full as df says: of what users can have', () => {
    const samples = filesystemSamples([
      { mountpoint: '/', device: '/dev/vda', availableBytes: 45, usedBytes: 45 },
    ]);
    expect(samples.find((s) => s.name === 'system.filesystem.utilization')?.value).toBe(0.5);
  });

  it('load averages are left out where the system has none', () => {
    expect(loadSamples(undefined, 12.7).map((s) => s.name)).toEqual(['system.uptime']);
    expect(loadSamples([0.5, 1, 2], 12.7).map((s) => s.name)).toContain('system.cpu.load_average.15m');
  });

  it('the leading processes by CPU and by memory are named, all are counted', () => {
    const processes = Array.from({ length: 9 }, (_, i) => ({
      pid: i,
      name: `p${i}`,
      cpu: i / 10,
      memoryBytes: 100 - i,
    }));
    const samples = processSamples(processes, 2);
    expect(samples.map((s) => [s.name, s.labels?.['process.pid'], s.value])).toEqual([
      ['system.process.count', undefined, 9],
      ['process.cpu.utilization', '8', 0.8],
      ['process.cpu.utilization', '7', 0.7],
      ['process.memory.usage', '0', 100],
      ['process.memory.usage', '1', 99],
    ]);
  });
});

function sample(direction: string, value: number) {
  const labels = { 'network.interface.name': 'eth0', 'network.io.direction': direction };
  return { name: 'system.network.io', value, unit: 'By', labels };
}
