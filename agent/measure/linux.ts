import { readdir, readFile, statfs } from 'node:fs/promises';
import { availableParallelism, loadavg, uptime } from 'node:os';

import type { Clock } from '../../streams/clock.ts';
import { readLinuxInventory } from './linux-inventory.ts';
import { readLinuxProcesses } from './linux-processes.ts';
import { readSystemdServices } from './linux-services.ts';
import { readLinuxUsers } from './linux-users.ts';
import type { Measurements } from './measurements.ts';
import {
  type ByteCounters,
  parseCpuTimes,
  parseDiskstats,
  parseMeminfo,
  parseMounts,
  parseNetDev,
} from './proc-texts.ts';
import * as samples from './samples.ts';

const read = (path: string): Promise<string> => readFile(path, 'utf8');

/** Linux from /proc, /sys and /run alone; the one child process is `systemctl`, where systemd runs. */
export function createLinuxMeasurements(clock: Clock): Measurements {
  const processes = readLinuxProcesses(clock);
  let cpuBefore = parseCpuTimes('');
  let disksBefore: ReadonlyMap<string, ByteCounters> = new Map();
  let networkBefore: ReadonlyMap<string, ByteCounters> = new Map();
  return {
    async metrics() {
      const [stat, meminfoText, diskstats, netDev, disks] = await Promise.all([
        read('/proc/stat'),
        read('/proc/meminfo'),
        readOr('', '/proc/diskstats'),
        readOr('', '/proc/net/dev'),
        listDisks(),
      ]);
      const cpu = parseCpuTimes(stat);
      const meminfo = parseMeminfo(meminfoText);
      const diskCounters = parseDiskstats(diskstats, disks);
      const network = parseNetDev(netDev);
      const result = [
        ...(cpu === undefined || cpuBefore === undefined ? [] : samples.cpuSamples(cpuBefore, cpu)),
        ...samples.memorySamples(
          meminfo.get('MemTotal') ?? 0,
          meminfo.get('MemAvailable') ?? meminfo.get('MemFree') ?? 0,
          samples.memoryStates(meminfo),
        ),
        ...samples.ioSamples('system.disk.io', disksBefore, diskCounters),
        ...samples.ioSamples('system.network.io', networkBefore, network),
        ...samples.loadSamples(loadavg(), uptime()),
      ];
      cpuBefore = cpu;
      disksBefore = diskCounters;
      networkBefore = network;
      return result;
    },
    filesystems: readFilesystems,
    processes: async () => samples.processSamples(await processes()),
    services: async (signal) => samples.serviceSamples(await readSystemdServices(signal)),
    users: readLinuxUsers,
    inventory: () => readLinuxInventory(availableParallelism()),
  };
}

async function readOr(otherwise: string, path: string): Promise<string> {
  try {
    return await read(path);
  } catch {
    return otherwise;
  }
}

/** Whole disks; loop, ram and mapped devices would count their disk's bytes again. */
async function listDisks(): Promise<ReadonlySet<string>> {
  try {
    const names = await readdir('/sys/block');
    return new Set(names.filter((name) => !/^(loop|ram|zram|dm-|md|sr|fd)\d/.test(name)));
  } catch {
    return new Set();
  }
}

async function readFilesystems() {
  const mounts = parseMounts(await read('/proc/self/mounts'));
  const sizes = await Promise.allSettled(mounts.map((mount) => statfs(mount.path)));
  const filesystems = mounts.flatMap((mount, i) => {
    const size = sizes[i];
    if (size?.status !== 'fulfilled' || size.value.blocks === 0) return [];
    const { bsize, blocks, bfree, bavail } = size.value;
    const usedBytes = (blocks - bfree) * bsize;
    return [
      {
        mountpoint: mount.path,
        device: mount.device,
        availableBytes: bavail * bsize,
        usedBytes,
      },
    ];
  });
  return samples.filesystemSamples(filesystems);
}
