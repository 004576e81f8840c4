/** Pure readers of Linux's /proc texts (proc(5)). A line that is not as expected is passed over. */

/** CPU time by mode since boot, in ticks, summed over all CPUs. `user` holds guest time already. */
export interface CpuTimes {
  readonly user: number;
  readonly nice: number;
  readonly system: number;
  readonly idle: number;
  readonly iowait: number;
  readonly interrupt: number;
  readonly steal: number;
}

/** The first line of /proc/stat. */
export function parseCpuTimes(procStat: string): CpuTimes | undefined {
  const line = /^cpu +(.*)$/m.exec(procStat)?.[1];
  if (line === undefined) return undefined;
  const ticks = line.split(/\s+/).map(Number);
  const at = (index: number): number => ticks[index] ?? 0;
  return {
    user: at(0),
    nice: at(1),
    system: at(2),
    idle: at(3),
    iowait: at(4),
    interrupt: at(5) + at(6),
    steal: at(7),
  };
}

/** /proc/meminfo in bytes, by name. */
export function parseMeminfo(text: string): ReadonlyMap<string, number> {
  const bytes = new Map<string, number>();
  for (const [, name, kilobytes] of text.matchAll(/^([^:\n]+): +(\d+) kB$/gm)) {
    if (name !== undefined) bytes.set(name, Number(kilobytes) * 1024);
  }
  return bytes;
}

/** Two counters of bytes since boot, by device or interface. */
export interface ByteCounters {
  readonly inward: number;
  readonly outward: number;
}

/** /proc/diskstats: bytes read (inward) and written (outward) of the named devices; sectors are 512 bytes. */
export function parseDiskstats(
  text: string,
  devices: ReadonlySet<string>,
): ReadonlyMap<string, ByteCounters> {
  const counters = new Map<string, ByteCounters>();
  for (const line of text.split('\n')) {
    const fields = line.trim().split(/\s+/);
    const name = fields[2];
    if (name === undefined || fields.length < 10 || !devices.has(name)) continue;
    counters.set(name, { inward: Number(fields[5]) * 512, outward: Number(fields[9]) * 512 });
  }
  return counters;
}

/** /proc/net/dev: bytes received (inward) and sent (outward) by interface, the loopback left out. */
export function parseNetDev(text: string): ReadonlyMap<string, ByteCounters> {
  const counters = new Map<string, ByteCounters>();
  for (const line of text.split('\n')) {
    const colon = line.lastIndexOf(':');
    const name = line.slice(0, colon).trim();
    const fields = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/);
    if (colon < 0 || name === 'lo' || fields.length < 16) continue;
    counters.set(name, { inward: Number(fields[0]), outward: Number(fields[8]) });
  }
  return counters;
}

export interface ProcessTimes {
  readonly pid: number;
  readonly name: string;
  /** User and system time since its start, ticks. */
  readonly ticks: number;
  /** Distinguishes two processes that had one pid: ticks after boot. */
  readonly startedAt: number;
  readonly residentPages: number;
}

/** /proc/<pid>/stat. The name stands in brackets and may hold anything, brackets and spaces too. */
export function parseProcessStat(text: string): ProcessTimes | undefined {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  const fields = text.slice(close + 2).split(' ');
  if (open < 0 || close < open || fields.length < 22) return undefined;
  return {
    pid: Number(text.slice(0, open)),
    name: text.slice(open + 1, close),
    ticks: Number(fields[11]) + Number(fields[12]),
    startedAt: Number(fields[19]),
    residentPages: Number(fields[21]),
  };
}

export interface Mount {
  readonly device: string;
  readonly path: string;
  readonly type: string;
}

const stored: ReadonlySet<string> = new Set(
  'ext2 ext3 ext4 xfs btrfs zfs f2fs bcachefs jfs reiserfs vfat exfat ntfs ntfs3 overlay'.split(' '),
);

/**
 * /proc/self/mounts: file systems that keep data on this machine, each device once at its shortest path.
 * Network file systems are left out, since asking an absent server for its size can hang.
 */
export function parseMounts(text: string): readonly Mount[] {
  const byDevice = new Map<string, Mount>();
  for (const line of text.split('\n')) {
    const [device, path, type] = line.split(' ').map(unescapeMount);
    if (device === undefined || path === undefined || type === undefined || !stored.has(type)) continue;
    if (type === 'overlay' && path !== '/') continue;
    const known = byDevice.get(device);
    if (known === undefined || path.length < known.path.length) byDevice.set(device, { device, path, type });
  }
  return [...byDevice.values()];
}

function unescapeMount(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** os-release(5) as a map, quotes taken off. */
export function parseOsRelease(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [, name, value] of text.matchAll(/^([A-Z_0-9]+)=(.*)$/gm)) {
    if (name !== undefined && value !== undefined) values.set(name, value.replace(/^(["'])(.*)\1$/, '$2'));
  }
  return values;
}
