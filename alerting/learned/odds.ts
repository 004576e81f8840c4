/** One tenant counts as no more verdicts than these for the others. */
const mostOfTenant = 3;
/** What is the same by its name alone may be another matter elsewhere: that is never surer than 4 to 1. */
const leastByName = 0.2;
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

/** The share within the bounds of what is known by a name or a rule alone. */
export function ofNameAlone(share: number): number {
  return Math.max(leastByName, Math.min(1 - leastByName, share));
}

export function logOddsOf(share: number): number {
  return Math.max(-mostLogOdds, Math.min(mostLogOdds, Math.log(share / (1 - share))));
}

/** However much one tenant says, it counts as a few verdicts. */
export function withinBound({ useful, noise }: Verdicts): Verdicts {
  const share = Math.min(1, mostOfTenant / (useful + noise));
  return { useful: useful * share, noise: noise * share };
}
