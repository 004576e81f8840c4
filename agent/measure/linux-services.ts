import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';

import type { ServiceState } from './samples.ts';

/** One `systemctl` call; none where systemd is not running (sd_booted(3) looks for the same folder). */
export async function readSystemdServices(signal: AbortSignal): Promise<ServiceState[]> {
  try {
    await access('/run/systemd/system');
  } catch {
    return [];
  }
  const text = await new Promise<string>((resolve, reject) => {
    execFile(
      'systemctl',
      ['list-units', '--type=service', '--all', '--no-legend', '--plain', '--no-pager', '--full'],
      { signal, timeout: 10_000, maxBuffer: 4 * 1024 * 1024 },
      (error, stdout) => (error instanceof Error ? reject(error) : resolve(stdout)),
    );
  });
  return parseSystemdUnits(text);
}

/** `UNIT LOAD ACTIVE SUB DESCRIPTION` a line; units that are at rest or not installed are left out. */
export function parseSystemdUnits(text: string): ServiceState[] {
  const services: ServiceState[] = [];
  for (const line of text.split('\n')) {
    const [unit, load, state] = line.trim().split(/\s+/);
    if (unit === undefined || load !== 'loaded' || state === undefined || state === 'inactive') continue;
    services.push({ name: unit.replace(/\.service$/, ''), state });
  }
  return services;
}
