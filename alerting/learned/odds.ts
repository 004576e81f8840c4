/** One tenant counts as no more verdicts than these for the others. */
const mostOfTenant = 3;
/** Nothing is more certain than e⁴ to 1. */
const mostLogOdds = 4;

interface Verdicts {
  readonly useful: number;
  readonly noise: number;
}

/** The share that is of use, where what is known from further away counts as so many verdicts of that share. */
export function shareOf({ useful, noise }: Verdicts, priorVerdicts: number, prior: number): number {
  return (useful + priorVerdicts * prior) / (useful + noise + priorVerdicts);
}

export function logOddsOf(share: number): number {
  return Math.max(-mostLogOdds, Math.min(mostLogOdds, Math.log(share / (1 - share))));
}

/** However much one tenant says, it counts as a few verdicts. */
export function withinBound({ useful, noise }: Verdicts): Verdicts {
  const share = Math.min(1, mostOfTenant / (useful + noise));
  return { useful: useful * share, noise: noise * share };
}
