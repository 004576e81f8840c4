/** How reports are folded into alerts. One configuration for every tenant; see docs/alerts.md for what moves what. */
export interface GroupingOptions {
  /** An episode ends when its kind was silent for `gapMs` × (1 + earlier episodes), at most `maxGapMs`: rare kinds stay prompt. */
  readonly gapMs: number;
  readonly maxGapMs: number;
  /** However steadily it is reported, an episode ends after this long. */
  readonly maxSpanMs: number;
  /** A name that opens on another host within this time of an alert of that name belongs to that alert. */
  readonly spreadMs: number;
  /** For this long after an alert opened, what opens near it still counts for it. */
  readonly settleMs: number;
  /** The time in which heat fades to 1/e. */
  readonly fadeMs: number;
  /** What was not reported for this long is forgotten. */
  readonly forgetMs: number;
  /** More names of a host, hosts and names of a tenant than these share one cell, so that nobody fills the memory. */
  readonly maxKindsPerHost: number;
  readonly maxHosts: number;
  readonly maxNames: number;
}

export const groupingDefaults: GroupingOptions = {
  gapMs: 300_000,
  maxGapMs: 3_600_000,
  maxSpanMs: 86_400_000,
  spreadMs: 30_000,
  settleMs: 5_000,
  fadeMs: 7_200_000,
  forgetMs: 90 * 86_400_000,
  maxKindsPerHost: 500,
  maxHosts: 100_000,
  maxNames: 20_000,
};
