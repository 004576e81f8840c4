/**
 * What is known of an alert when it is scored: counts and sums, no text. Stored with the alert, so that its score
 * can be computed again, bit for bit, by whoever has the facts and the scorer's weights.
 */
export interface AlertFacts {
  /** Of the tenant, when the alert opened and before it counted: episodes so far, and kinds of them (name and host). */
  readonly episodes: number;
  readonly kinds: number;
  /** How many of those episodes were of the same kind, of the same name, of the same host. */
  readonly ofKind: number;
  readonly ofName: number;
  readonly ofHost: number;
  /** Surprise of other episodes near in time, each weighted by its distance: on the same host, and elsewhere. */
  readonly heatHere: number;
  readonly heatElsewhere: number;
  /** 2 for critical, 1 for an error, 0 below. */
  readonly severity: number;
  /** How sure the rule or detector was that found it, in doublings: 1 at its threshold; 0 where none did. */
  readonly strength: number;
  /** How often it was reported, on how many hosts, from its first report to its last. */
  readonly count: number;
  readonly hosts: number;
  readonly spanMs: number;
  /** What people's feedback said of such alerts when it opened; absent where none was asked for. */
  readonly learned?: LearnedFacts;
}

/** What feedback says, from what is widest to what is nearest to the alert. */
export interface LearnedFacts {
  /** So many outcomes the tenant's model had learned from: its version. */
  readonly model: number;
  readonly levels: readonly LearnedLevel[];
}

/**
 * What feedback on some alerts adds to what is known from those of the level before: the difference of the log odds that
 * such an alert is of use. Levels without feedback are left out.
 */
export interface LearnedLevel {
  readonly of: 'others' | 'name' | 'alike' | 'here';
  readonly logOdds: number;
  /** Verdicts, how many of them were noise, and alerts that were resolved without one; of `others`: tenants. */
  readonly verdicts: number;
  readonly noises: number;
  readonly handled: number;
  /** Of `alike`: the circumstances that those alerts have in common, in words. */
  readonly circumstance?: string;
}

/** One part of a score. `points` = `share` × `weight` × `value`, where `share` is the score's own. */
export interface ScoreTerm {
  /** Stable, kebab-case: programs and learned weights go by it. */
  readonly name: string;
  /** The measured quantity, and how much one unit of it counts. */
  readonly value: number;
  readonly weight: number;
  readonly points: number;
  /** One sentence for people, of numbers alone: no text from a device. */
  readonly reason: string;
}

export interface Score {
  /** 0 to 100: the terms' points, added in their order. */
  readonly score: number;
  readonly terms: readonly ScoreTerm[];
}

/** Says how much an alert deserves to be looked at. A pure function: equal facts, equal answer, to the last bit. */
export interface AlertScorer {
  /** Stable, kebab-case: it stands on the alert, with `version`. */
  readonly name: string;
  /** Goes up with every change of what is answered. */
  readonly version: number;
  /** Called when an alert opens and whenever its facts changed. Never throws for facts that grouping gives. */
  score(facts: AlertFacts): Score;
}

/** A detector's score in doublings of its certainty: 1 at its own threshold, at most 4. */
export function strengthOf(score: number): number {
  return Math.min(4, -Math.log2(1 - Math.min(score, 0.9999)));
}
