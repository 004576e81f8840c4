/** What the metric detector is set to. One configuration for every series; docs/detection.md has the sensitivity. */
export interface MetricConstants {
  /** Values in a window, one scale each. */
  readonly windowLengths: readonly number[];
  /** Windows kept per scale. */
  readonly capacity: number;
  /** A window is kept where its distance is over this share of the typical one. */
  readonly keepOver: number;
  /** The smallest distance that counts, as a share of the range. */
  readonly leastShare: number;
  /** Values after which an earlier distance, or peak of distances, counts half. */
  readonly halfLife: number;
  /** Values before the first judgement. */
  readonly warmUp: number;
  /** Values in which the range halves if nothing comes near its ends. */
  readonly rangeHalfLife: number;
  /** Values in a block, of which the highest distance counts. */
  readonly blockLength: number;
  readonly priorDeviation: number;
  readonly priorBlocks: number;
  readonly lowPeakShare: number;
  readonly lowPeakBlocks: number;
  /** What the size of a distance counts beside its rarity. */
  readonly sizeWeight: number;
  /** How close the soft maximum over the scales comes to the hard one. */
  readonly sharpness: number;
  /** The strength that scores 0.5. */
  readonly threshold: number;
  /** The strength that doubles the evidence: 0.5 becomes 0.75, then 0.94. */
  readonly step: number;
  /** Quiet before an equally strong alarm counts as a new episode: a share of all values, within two bounds. */
  readonly quietShare: number;
  readonly quietLeast: number;
  readonly quietMost: number;
  /** A time without values, in usual intervals, after which the windows start anew. */
  readonly gapIntervals: number;
}

export const metricDefaults: MetricConstants = {
  windowLengths: [1, 3, 12],
  capacity: 300,
  keepOver: 0.5,
  leastShare: 0.001,
  halfLife: 10_000,
  warmUp: 150,
  rangeHalfLife: 1500,
  blockLength: 100,
  priorDeviation: 0.5,
  priorBlocks: 5,
  lowPeakShare: 0.002,
  lowPeakBlocks: 2,
  sizeWeight: 0.35,
  sharpness: 0.5,
  threshold: 0.5,
  step: 1.4,
  quietShare: 0.05,
  quietLeast: 60,
  quietMost: 300,
  gapIntervals: 50,
};
