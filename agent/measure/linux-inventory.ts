import { readFile } from 'node:fs/promises';
import { arch, hostname, networkInterfaces, release, totalmem } from 'node:os';

import type { DeviceInventory } from '../../contracts/device.ts';
import type { PlatformInventory } from './measurements.ts';
import { parseOsRelease } from './proc-texts.ts';

/** os-release, /proc/cpuinfo and the firmware's tables in /sys; serial numbers need root. */
export async function readLinuxInventory(cpuCores: number): Promise<PlatformInventory> {
  const osRelease = parseOsRelease((await firstReadable('/etc/os-release', '/usr/lib/os-release')) ?? '');
  const cpuinfo = (await firstReadable('/proc/cpuinfo')) ?? '';
  const dmi = (name: string): Promise<string | undefined> => firstReadable(`/sys/class/dmi/id/${name}`);
  const [manufacturer, product, serialNumber, chassisType] = await Promise.all([
    dmi('sys_vendor'),
    dmi('product_name'),
    dmi('product_serial'),
    dmi('chassis_type'),
  ]);
  const chassis = chassisOf(Number(chassisType));
  const model = product ?? (await firstReadable('/proc/device-tree/model'));
  const cpuModel = /^(?:model name|Model|Hardware)\s*: (.*)$/m.exec(cpuinfo)?.[1];
  return {
    hostname: hostname(),
    os: {
      platform: 'linux',
      name: osRelease.get('NAME') ?? 'Linux',
      version: osRelease.get('VERSION_ID') ?? osRelease.get('BUILD_ID') ?? 'unknown',
      kernel: release(),
      arch: arch(),
    },
    hardware: {
      ...(manufacturer === undefined ? {} : { manufacturer }),
      ...(model === undefined ? {} : { model }),
      ...(serialNumber === undefined ? {} : { serialNumber }),
      ...(cpuModel === undefined ? {} : { cpuModel }),
      cpuCores,
      memoryBytes: totalmem(),
      virtual: /^flags\s*:.*\bhypervisor\b/m.test(cpuinfo),
      ...(chassis === undefined ? {} : { chassis }),
    },
    networkInterfaces: listNetworkInterfaces(),
  };
}

/** SMBIOS 3.7, table 17. */
const cases = [
  { chassis: 'laptop', types: [8, 9, 10, 11, 14, 30, 31, 32] },
  { chassis: 'desktop', types: [3, 4, 5, 6, 7, 13, 15, 16, 24, 35, 36] },
  { chassis: 'server', types: [17, 23, 25, 28, 29] },
] as const;

function chassisOf(type: number): NonNullable<DeviceInventory['hardware']>['chassis'] {
  return cases.find(({ types }) => types.some((one) => one === type))?.chassis;
}

/** Interfaces with an address, the loopback left out. */
export function listNetworkInterfaces(): NonNullable<DeviceInventory['networkInterfaces']> {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) => {
    const outward = addresses.filter((address) => !address.internal);
    const ip4 = outward.find((address) => address.family === 'IPv4')?.address;
    const ip6 = outward.find((address) => address.family === 'IPv6')?.address;
    const mac = outward[0]?.mac;
    if (outward.length === 0) return [];
    return [{ name, ...(ip4 && { ip4 }), ...(ip6 && { ip6 }), ...(mac && { mac }) }];
  });
}

async function firstReadable(...paths: string[]): Promise<string | undefined> {
  for (const path of paths) {
    try {
      const text = (await readFile(path, 'utf8')).replaceAll('\0', '').trim();
      if (text !== '') return text;
    } catch {
      continue;
    }
  }
  return undefined;
}
