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
  /** An alert that opens within this time of the last one of an incident, on its device or of its trouble, is part of it. */
  readonly relatedMs: number;
  /** An incident of which nothing goes on may be taken up again for so long. */
  readonly reopenMs: number;
  /** Of trouble that spreads through an organization both times grow with each alert that joined, so many times at most. */
  readonly spreadMost: number;
  /** What lasts flaps when it was over `flapAfter` times within `flapWithinMs`, until it is clear for `flapCalmMs`. */
  readonly flapAfter: number;
  readonly flapWithinMs: number;
  readonly flapCalmMs: number;
  /** More names of a host, hosts and names of a tenant than these share one cell, so that nobody fills the memory. */
  readonly maxKindsPerHost: number;
  readonly maxHosts: number;
  readonly maxNames: number;
  /**
   * An organization has so many alerts open, and a device with as many as `apartByHost` of its own adds none then: what
   * events say of it is counted in one alert of the organization.
   */
  readonly maxOpen: number;
  readonly apartByHost: number;
}

export const groupingDefaults: GroupingOptions = {
  gapMs: 300_000,
  maxGapMs: 3_600_000,
  maxSpanMs: 86_400_000,
  spreadMs: 30_000,
  settleMs: 5_000,
  fadeMs: 7_200_000,
  forgetMs: 90 * 86_400_000,
  relatedMs: 900_000,
  reopenMs: 600_000,
  spreadMost: 8,
  flapAfter: 3,
  flapWithinMs: 1_800_000,
  flapCalmMs: 900_000,
  maxKindsPerHost: 500,
  maxHosts: 100_000,
  maxNames: 20_000,
  maxOpen: 1_000,
  apartByHost: 2,
};
