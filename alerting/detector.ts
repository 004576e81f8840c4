/** One measurement of one series. `value` may be NaN or infinite: a detector takes that for "not measured". */
export interface Point {
  readonly timeMs: number;
  readonly value: number;
}

/**
 * What a detector saw. `spike`, `shift` and `flat-line` are forms of a metric; `novelty` is a form that the series
 * never had, at the scale that `values.scale` names.
 */
export const detectionKinds = [
  'novelty',
  'spike',
  'shift',
  'flat-line',
  'threshold',
  'rate',
  'pattern',
  'no-data',
  'late',
  'template-new',
  'template-burst',
  'joint-silence',
] as const;
export type DetectionKind = (typeof detectionKinds)[number];

/** Why: a sentence for people, and the numbers it speaks of. Text from a device stands in `values` alone. */
export interface DetectionReason {
  readonly summary: string;
  readonly values: Readonly<Record<string, number | string>>;
}

/** A detector's finding about one observation. */
export interface Detection {
  /** In (0, 1]. 0.5 is the detector's own threshold; comparable within a detector, not between two. */
  readonly score: number;
  readonly kind: DetectionKind;
  readonly reason: DetectionReason;
}

/**
 * Finds what is unusual in one series: a pure function over a state of its own, so the state can live in the keyed
 * state of a topology. One value of `State` belongs to one series, is bounded in size whatever comes, and is changed
 * in place by `observe`; the detector itself holds nothing, so one object serves all series.
 *
 * The caller hands observations in the order of the stream, once each; a time that goes back is legal (a device
 * spools, or sets its clock). Nothing is known of the future: what `observe` answers depends on the state and
 * the observation alone, and `restore(serialise(state))` goes on to answer the same, bit for bit.
 */
export interface Detector<State, Observation = Point> {
  /** Stable, kebab-case: it stands on signals and in the key of the state. */
  readonly name: string;
  /** Goes up with every change of what is answered or how the state is laid out. */
  readonly version: number;
  create(): State;
  /** Null where nothing is unusual. Never throws for what a device can send. */
  observe(state: State, observation: Observation): Detection | null;
  /** The state as bytes, tens of KB at most. */
  serialise(state: State): Uint8Array;
  /** Throws `STATE_CORRUPT` for bytes that this version did not write. */
  restore(bytes: Uint8Array): State;
}

/** A detector that also has to look when nothing comes. */
export interface TimedDetector<State, Observation = Point> extends Detector<State, Observation> {
  /** Called with the stream's clock, as often as the delay of an answer may be long. Null where nothing changed. */
  check(state: State, nowMs: number): Detection | null;
}
