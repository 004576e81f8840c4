import type { Silences } from '../suppression/usual-silence.ts';

const hourMs = 3_600_000;
/** A device that was silent for so long of late is one that comes and goes. */
const awayMs = 4 * hourMs;
const hoursTogether = 6;

/**
 * What alerts of one name have in common beyond it, in words that programs compare: whether the device comes and goes,
 * as laptops do, and the quarter of the day (UTC).
 */
export function circumstanceOf(silences: Silences, openedMs: number): string {
  const comesAndGoes = silences.some(([fromMs, toMs]) => toMs - fromMs >= awayMs);
  const from = Math.floor(((openedMs / hourMs) % 24) / hoursTogether) * hoursTogether;
  const devices = comesAndGoes ? 'devices that come and go' : 'devices that are always there';
  return `${devices}, from ${from} to ${from + hoursTogether} o'clock UTC`;
}
