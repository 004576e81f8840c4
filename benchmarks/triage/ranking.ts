/** The mean over positives of the precision at their rank, highest score first; among equals positives come last. */
export function averagePrecision(scores: Float64Array, positive: readonly boolean[]): number {
  const order = [...scores.keys()].sort(
    (a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || Number(positive[a]) - Number(positive[b]),
  );
  let hits = 0;
  let sum = 0;
  for (const [i, item] of order.entries()) {
    if (positive[item] === true) sum += ++hits / (i + 1);
  }
  return hits === 0 ? 0 : sum / hits;
}

/** For each item how many must be read to have surely read it: equals are read before it. */
export function worstRanks(scores: Float64Array): Int32Array {
  const order = [...scores.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  const ranks = new Int32Array(scores.length);
  let from = 0;
  while (from < order.length) {
    let to = from;
    while (to < order.length && scores[order[to] ?? 0] === scores[order[from] ?? 0]) to++;
    for (let i = from; i < to; i++) ranks[order[i] ?? 0] = to;
    from = to;
  }
  return ranks;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** The smallest value that at least `share` of all do not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
