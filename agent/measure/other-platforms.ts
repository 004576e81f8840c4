import { cpus, freemem, loadavg, platform, totalmem, uptime } from 'node:os';

import type { Systeminformation } from 'systeminformation';

import { listNetworkInterfaces } from './linux-inventory.ts';
import type { Measurements } from './measurements.ts';
import type { ByteCounters, CpuTimes } from './proc-texts.ts';
import * as samples from './samples.ts';

/** Loaded at the first call only: it costs about 10 MB, which a Linux agent does without. */
const library = () => import('systeminformation');

/**
 * macOS, Windows and the BSDs. CPU, memory, load and uptime come from Node itself, since the library starts
 * child processes for them; the slower kinds come from `systeminformation`. Network traffic is read with the
 * file systems, so it is not part of `metrics`.
 */
export function createLibraryMeasurements(): Measurements {
  let cpuBefore: CpuTimes | undefined;
  let networkBefore: ReadonlyMap<string, ByteCounters> = new Map();
  return {
    metrics: () => {
      const cpu = readCpuTimes();
      const total = totalmem();
      const free = freemem();
      const result = [
        ...(cpuBefore === undefined ? [] : samples.cpuSamples(cpuBefore, cpu)),
        ...samples.memorySamples(total, free, { used: total - free, free }),
        ...samples.loadSamples(platform() === 'win32' ? undefined : loadavg(), uptime()),
      ];
      cpuBefore = cpu;
      return Promise.resolve(result);
    },
    async filesystems() {
      const { fsSize, networkStats } = await library();
      const sizes = await fsSize();
      const network = networkCounters(await networkStats('*'));
      const traffic = samples.ioSamples('system.network.io', networkBefore, network);
      networkBefore = network;
      return [...samples.filesystemSamples(sizes.map(toFilesystem)), ...traffic];
    },
    async processes() {
      const { list } = await (await library()).processes();
      return samples.processSamples(list.map(toProcess));
    },
    async services() {
      const services = await (await library()).services('*');
      const running = services.filter((service) => service.running);
      return samples.serviceSamples(running.map(({ name }) => ({ name, state: 'active' })));
    },
    async users() {
      const sessions = await (await library()).users();
      return [...new Set(sessions.map((session) => session.user))].sort();
    },
    inventory: async () => toInventory(await (await library()).osInfo(), await (await library()).system()),
  };
}

function readCpuTimes(): CpuTimes {
  const sum = { user: 0, nice: 0, system: 0, idle: 0, iowait: 0, interrupt: 0, steal: 0 };
  for (const { times } of cpus()) {
    sum.user += times.user;
    sum.nice += times.nice;
    sum.system += times.sys;
    sum.idle += times.idle;
    sum.interrupt += times.irq;
  }
  return sum;
}

function networkCounters(
  stats: readonly Systeminformation.NetworkStatsData[],
): ReadonlyMap<string, ByteCounters> {
  const outward = stats.filter((s) => !/^lo\d*$/.test(s.iface));
  return new Map(outward.map((s) => [s.iface, { inward: s.rx_bytes, outward: s.tx_bytes }]));
}

function toFilesystem(size: Systeminformation.FsSizeData): samples.FilesystemSizes {
  return {
    mountpoint: size.mount,
    device: size.fs,
    availableBytes: size.available,
    usedBytes: size.used,
  };
}

/** The library gives percent of all CPUs, and KiB. */
function toProcess(process: Systeminformation.ProcessesProcessData): samples.ProcessUsage {
  const cpu = (process.cpu / 100) * cpus().length;
  return { pid: process.pid, name: process.name, cpu, memoryBytes: process.memRss * 1024 };
}

function toInventory(os: Systeminformation.OsData, system: Systeminformation.SystemData) {
  const known = (text: string): string | undefined => (text === '' || text === '-' ? undefined : text);
  const { manufacturer, model, serial } = system;
  const cpuModel = cpus()[0]?.model;
  return {
    hostname: os.hostname,
    os: { platform: os.platform, name: os.distro, version: os.release, kernel: os.kernel, arch: os.arch },
    hardware: {
      ...(known(manufacturer) && { manufacturer }),
      ...(known(model) && { model }),
      ...(known(serial) && { serialNumber: serial }),
      ...(cpuModel && { cpuModel }),
      cpuCores: cpus().length,
      memoryBytes: totalmem(),
      virtual: system.virtual,
    },
    networkInterfaces: listNetworkInterfaces(),
  };
}
