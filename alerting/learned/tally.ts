import type { AlertOutcome } from '../../contracts/alert-feedback.ts';

/**
 * What people made of some alerts. `useful` and `noise` fade to a half in 30 days, as of `atMs`: what nobody is told of
 * any more gets no new verdicts, and must not stay out of sight for good. The other numbers are plain counts.
 */
export interface Tally {
  useful: number;
  noise: number;
  atMs: number;
  /** How often a verdict was given, and how often it was noise. */
  verdicts: number;
  noises: number;
  handled: number;
}

const halfLifeMs = 30 * 86_400_000;
/** An alert that was taken up and resolved without a verdict was likely of use: so much of a verdict. */
const handledWeight = 0.25;

export function createTally(): Tally {
  return { useful: 0, noise: 0, atMs: 0, verdicts: 0, noises: 0, handled: 0 };
}

/** Adds an outcome that was given at `givenMs`, or takes one back (`sign` −1). */
export function count(tally: Tally, outcome: AlertOutcome, givenMs: number, sign: 1 | -1): void {
  const nowMs = Math.max(tally.atMs, givenMs);
  const faded = fadedTo(tally, nowMs);
  const weight = sign * fadeOf(nowMs - givenMs) * (outcome === 'handled' ? handledWeight : 1);
  tally.useful = Math.max(0, faded.useful + (outcome === 'noise' ? 0 : weight));
  tally.noise = Math.max(0, faded.noise + (outcome === 'noise' ? weight : 0));
  tally.atMs = nowMs;
  if (outcome === 'handled') tally.handled += sign;
  else tally.verdicts += sign;
  if (outcome === 'noise') tally.noises += sign;
}

/** What is left of it at a time. */
export function fadedTo(tally: Tally, nowMs: number): { readonly useful: number; readonly noise: number } {
  const left = fadeOf(nowMs - tally.atMs);
  return { useful: tally.useful * left, noise: tally.noise * left };
}

export function isEmpty({ verdicts, handled }: Tally): boolean {
  return verdicts <= 0 && handled <= 0;
}

function fadeOf(ageMs: number): number {
  return 2 ** (-Math.max(0, ageMs) / halfLifeMs);
}
