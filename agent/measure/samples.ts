import type { MetricSample } from '../../contracts/event.ts';
import type { ByteCounters, CpuTimes } from './proc-texts.ts';

/** Interfaces, disks and mounts beyond this many are left out of one event. */
const manyDevices = 32;

/** The busy share of all CPUs between two readings, without a label, and each mode's share. */
export function cpuSamples(before: CpuTimes, now: CpuTimes): MetricSample[] {
  const modes = ['user', 'nice', 'system', 'idle', 'iowait', 'interrupt', 'steal'] as const;
  const spent = modes.map((mode) => Math.max(0, now[mode] - before[mode]));
  const total = spent.reduce((sum, ticks) => sum + ticks, 0);
  if (total === 0) return [];
  const share = (value: number, labels?: Record<string, string>): MetricSample => ({
    name: 'system.cpu.utilization',
    value: round(value / total),
    unit: '1',
    ...(labels === undefined ? {} : { labels }),
  });
  const idle = (spent[modes.indexOf('idle')] ?? 0) + (spent[modes.indexOf('iowait')] ?? 0);
  return [share(total - idle), ...modes.map((mode, i) => share(spent[i] ?? 0, { 'cpu.mode': mode }))];
}

/** Memory in bytes by state, and the share that programs cannot have any more. */
export function memorySamples(
  totalBytes: number,
  availableBytes: number,
  states: Record<string, number>,
): MetricSample[] {
  const usage = Object.entries(states).map(([state, value]) => ({
    name: 'system.memory.usage',
    value,
    unit: 'By',
    labels: { 'system.memory.state': state },
  }));
  const used = totalBytes === 0 ? 0 : (totalBytes - availableBytes) / totalBytes;
  return [...usage, { name: 'system.memory.utilization', value: round(used), unit: '1' }];
}

/** The four states of /proc/meminfo; cached includes what the kernel gives back when asked. */
export function memoryStates(meminfo: ReadonlyMap<string, number>): Record<string, number> {
  const of = (name: string): number => meminfo.get(name) ?? 0;
  const cached = of('Cached') + of('SReclaimable');
  const used = Math.max(0, of('MemTotal') - of('MemFree') - of('Buffers') - cached);
  return { used, free: of('MemFree'), buffers: of('Buffers'), cached };
}

/** Bytes moved since the reading before; a device that is new or whose counter went back gives none. */
export function ioSamples(
  name: 'system.disk.io' | 'system.network.io',
  before: ReadonlyMap<string, ByteCounters>,
  now: ReadonlyMap<string, ByteCounters>,
): MetricSample[] {
  const words =
    name === 'system.disk.io'
      ? { device: 'system.device', direction: 'disk.io.direction', inward: 'read', outward: 'write' }
      : {
          device: 'network.interface.name',
          direction: 'network.io.direction',
          inward: 'receive',
          outward: 'transmit',
        };
  const samples: MetricSample[] = [];
  for (const [device, counters] of [...now].slice(0, manyDevices)) {
    const earlier = before.get(device);
    if (earlier === undefined || counters.inward + counters.outward === 0) continue;
    for (const way of ['inward', 'outward'] as const) {
      const value = counters[way] - earlier[way];
      if (value < 0) continue;
      const labels = { [words.device]: device, [words.direction]: words[way] };
      samples.push({ name, value, unit: 'By', labels });
    }
  }
  return samples;
}

export interface FilesystemSizes {
  readonly mountpoint: string;
  readonly device: string;
  /** For everybody, without what is kept back for root. */
  readonly availableBytes: number;
  readonly usedBytes: number;
}

/** Bytes used and free by mountpoint; the share as `df` prints it, used of what users can have. */
export function filesystemSamples(filesystems: readonly FilesystemSizes[]): MetricSample[] {
  return filesystems.slice(0, manyDevices).flatMap((fs) => {
    const labels = { 'system.device': fs.device, 'system.filesystem.mountpoint': fs.mountpoint };
    const usage = (state: string, value: number): MetricSample => ({
      name: 'system.filesystem.usage',
      value,
      unit: 'By',
      labels: { ...labels, 'system.filesystem.state': state },
    });
    const forUsers = fs.usedBytes + fs.availableBytes;
    const value = forUsers === 0 ? 0 : round(fs.usedBytes / forUsers);
    return [
      usage('used', fs.usedBytes),
      usage('free', fs.availableBytes),
      { name: 'system.filesystem.utilization', value, unit: '1', labels },
    ];
  });
}

/** Load averages, where the system has them (Windows has none), and the time since boot. */
export function loadSamples(loads: readonly number[] | undefined, uptimeSeconds: number): MetricSample[] {
  const spans = ['1m', '5m', '15m'];
  const averages = (loads ?? []).map((value, i) => ({
    name: `system.cpu.load_average.${spans[i] ?? i}`,
    value: round(value),
    unit: '{thread}',
  }));
  return [...averages, { name: 'system.uptime', value: Math.floor(uptimeSeconds), unit: 's' }];
}

export interface ProcessUsage {
  readonly pid: number;
  readonly name: string;
  /** Share of one CPU since the reading before: 1.5 is one and a half CPUs. */
  readonly cpu: number | undefined;
  readonly memoryBytes: number;
}

/** How many processes there are, and those that lead by CPU or by memory. */
export function processSamples(processes: readonly ProcessUsage[], top = 5): MetricSample[] {
  const byCpu = processes.filter((p) => (p.cpu ?? 0) > 0).sort((a, b) => (b.cpu ?? 0) - (a.cpu ?? 0));
  const byMemory = [...processes].sort((a, b) => b.memoryBytes - a.memoryBytes);
  const sample = (name: string, value: number, unit: string, p: ProcessUsage): MetricSample => ({
    name,
    value,
    unit,
    labels: { 'process.pid': String(p.pid), 'process.executable.name': p.name.slice(0, 128) },
  });
  return [
    { name: 'system.process.count', value: processes.length, unit: '{process}' },
    ...byCpu.slice(0, top).map((p) => sample('process.cpu.utilization', round(p.cpu ?? 0), '1', p)),
    ...byMemory.slice(0, top).map((p) => sample('process.memory.usage', p.memoryBytes, 'By', p)),
  ];
}

export interface ServiceState {
  readonly name: string;
  /** systemd's words: active, inactive, failed, activating …; elsewhere active or inactive. */
  readonly state: string;
}

/** The present state of each service, as 1; the other states are left out. */
export function serviceSamples(services: readonly ServiceState[]): MetricSample[] {
  return services.slice(0, 500).map(({ name, state }) => ({
    name: 'systemd.unit.state',
    value: 1,
    unit: '1',
    labels: { 'systemd.unit.name': name.slice(0, 256), 'systemd.unit.active_state': state },
  }));
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
