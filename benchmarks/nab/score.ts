/**
 * The scoring of the Numenta Anomaly Benchmark: Lavin and Ahmad, "Evaluating Real-time Anomaly Detection Algorithms",
 * ICMLA 2015, and the scoreboard's rules (github.com/numenta/NAB). A detection inside a labelled window earns the more
 * the earlier it comes, the first one counting; one outside costs the more the further it is behind the last window.
 */

/** What a detection is worth, per application profile. */
export interface NabProfile {
  readonly name: 'standard' | 'reward_low_FP_rate' | 'reward_low_FN_rate';
  readonly truePositive: number;
  readonly falsePositive: number;
  readonly falseNegative: number;
}

const nabProfiles: readonly NabProfile[] = [
  { name: 'standard', truePositive: 1, falsePositive: 0.11, falseNegative: 1 },
  { name: 'reward_low_FP_rate', truePositive: 1, falsePositive: 0.22, falseNegative: 1 },
  { name: 'reward_low_FN_rate', truePositive: 1, falsePositive: 0.11, falseNegative: 2 },
];

/** One series with a score per row, and its labelled windows as row numbers, both ends inside, ascending. */
export interface NabSeries {
  readonly name: string;
  readonly scores: ArrayLike<number>;
  readonly windows: readonly (readonly [first: number, last: number])[];
}

export interface NabResult {
  readonly profile: NabProfile['name'];
  /** 0 for a detector that says nothing, 100 for one that finds each window at its first row and nothing else. */
  readonly score: number;
  /** Rows with a score of at least this are detections: the one threshold, over all series, that scores best. */
  readonly threshold: number;
  readonly windowsFound: number;
  readonly windows: number;
  /** Rows outside every window at or above the threshold, after the probationary rows. */
  readonly falsePositives: number;
}

interface Row {
  readonly score: number;
  /** Index among all windows, or -1 outside. */
  readonly window: number;
  /** In a window the share of a true positive that is earned, outside minus the share of a false one that is paid. */
  readonly worth: number;
}

/**
 * The scores of several series as one corpus, one result per profile. Null where no series has a window: the scale
 * has no top then.
 */
export function scoreNab(corpus: readonly NabSeries[]): readonly NabResult[] | null {
  const windows = corpus.reduce((sum, series) => sum + series.windows.length, 0);
  if (windows === 0) return null;
  const rows = corpusRows(corpus);
  return nabProfiles.map((profile) => sweep(rows, windows, profile));
}

function corpusRows(corpus: readonly NabSeries[]): readonly Row[] {
  const rows: Row[] = [];
  let firstWindow = 0;
  for (const series of corpus) {
    appendRows(rows, series, firstWindow);
    firstWindow += series.windows.length;
  }
  return rows.sort((a, b) => b.score - a.score);
}

function appendRows(rows: Row[], { scores, windows }: NabSeries, firstWindow: number): void {
  const probation = probationaryRows(scores.length);
  let next = 0;
  let past: readonly [number, number] | undefined;
  for (let i = 0; i < scores.length; i++) {
    const current = windows[next];
    const inside = current !== undefined && i >= current[0];
    if (i >= probation) {
      const worth = inside ? insideWorth(i, current) : outsideWorth(i, past);
      rows.push({ score: scores[i] ?? 0, window: inside ? firstWindow + next : -1, worth });
    }
    if (inside && i === current[1]) {
      past = current;
      next++;
    }
  }
}

/** Rows at the start of a series that a detector may learn from: they are not scored. */
function probationaryRows(rows: number): number {
  return Math.min(Math.floor(0.15 * rows), 0.15 * 5000);
}

function insideWorth(row: number, [first, last]: readonly [number, number]): number {
  return scaledSigmoid(-(last - row + 1) / (last - first + 1)) / scaledSigmoid(-1);
}

function outsideWorth(row: number, past: readonly [number, number] | undefined): number {
  if (past === undefined || past[1] === past[0]) return -1;
  return scaledSigmoid((row - past[1]) / (past[1] - past[0]));
}

/** 0.99 at the left edge of a window (-1), 0 at its right edge, towards -1 behind it. */
function scaledSigmoid(position: number): number {
  return position >= 3 ? -1 : 2 / (1 + Math.exp(5 * position)) - 1;
}

/** Lowers the threshold row by row, keeping the corpus score, and takes the best. */
function sweep(rows: readonly Row[], windows: number, profile: NabProfile): NabResult {
  const earned = new Float64Array(windows).fill(-profile.falseNegative);
  const found = new Uint8Array(windows);
  let total = -profile.falseNegative * windows;
  let windowsFound = 0;
  let falsePositives = 0;
  let best = { total, threshold: Infinity, windowsFound, falsePositives };
  rows.forEach((row, i) => {
    if (row.window < 0) {
      total += row.worth * profile.falsePositive;
      falsePositives++;
    } else {
      const before = earned[row.window] ?? 0;
      const after = Math.max(before, row.worth * profile.truePositive);
      earned[row.window] = after;
      total += after - before;
      if (found[row.window] === 0) windowsFound++;
      found[row.window] = 1;
    }
    const complete = rows[i + 1]?.score !== row.score;
    if (complete && total > best.total) best = { total, threshold: row.score, windowsFound, falsePositives };
  });
  const nothing = -profile.falseNegative * windows;
  const everything = profile.truePositive * windows;
  return {
    profile: profile.name,
    score: (100 * (best.total - nothing)) / (everything - nothing),
    threshold: best.threshold,
    windowsFound: best.windowsFound,
    windows,
    falsePositives: best.falsePositives,
  };
}
