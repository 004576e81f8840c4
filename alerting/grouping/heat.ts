import type { Heat } from './cells.ts';

export function createHeat(): Heat {
  return { faded: 0, total: 0, atMs: 0 };
}

/** The sum as it has faded until `nowMs`: each part by e^(−age / `fadeMs`). */
export function heatAt(heat: Heat, nowMs: number, fadeMs: number): number {
  return heat.faded * Math.exp(-Math.max(0, nowMs - heat.atMs) / fadeMs);
}

export function addHeat(heat: Heat, surprise: number, nowMs: number, fadeMs: number): void {
  heat.faded = heatAt(heat, nowMs, fadeMs) + surprise;
  heat.total += surprise;
  heat.atMs = Math.max(heat.atMs, nowMs);
}
