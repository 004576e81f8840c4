import type { KeptRule } from '../../contracts/alert-rule.ts';
import type { Detection, Detector, TimedDetector } from '../detector.ts';
import { createLogTemplates } from '../detectors/logs/log-templates.ts';
import { createMetricAnomaly } from '../detectors/metric/metric-anomaly.ts';
import { createAbsence } from '../detectors/rules/absence.ts';
import type { FieldValue } from '../detectors/rules/condition.ts';
import { createPattern } from '../detectors/rules/pattern.ts';
import { createRate } from '../detectors/rules/rate.ts';
import { createThreshold } from '../detectors/rules/threshold.ts';
import { overIntervals } from './over-intervals.ts';

/** What a series is given: of a metric the value, of a log the message, of an event its fields. */
export interface Observation {
  readonly timeMs: number;
  readonly value: number;
  readonly message: string;
  readonly fields: Readonly<Record<string, FieldValue>>;
}

/** What lasts until it is over. Null: nothing does, or what the rule finds is over when it is found. */
export const phases = ['firing', 'late', 'no-data'] as const;
export type Phase = (typeof phases)[number] | null;

/** One rule at work on one series of one device, with its state. */
export interface Series {
  observe(observation: Observation): Detection | null;
  /** Looks when nothing comes, where the rule is about that. */
  check(nowMs: number): Detection | null;
  readonly phase: Phase;
  /** It knows nothing that a new series would not know. */
  readonly blank: boolean;
  serialise(): Uint8Array;
}

/** Makes series of one rule: of none, or of bytes that `serialise` gave. What cannot be read back starts anew. */
export type OpenSeries = (bytes?: Uint8Array) => Series;

/** Throws `ARGUMENT_INVALID` where a condition of the rule is no CEL. */
export function seriesOf({ detect }: Pick<KeptRule, 'detect'>): OpenSeries {
  switch (detect.kind) {
    case 'threshold':
      return opener(createThreshold(detect), ({ timeMs, value }) => ({ timeMs, value }), {
        phaseOf: ({ beyond }) => (beyond?.told === true ? 'firing' : null),
        isBlank: ({ beyond }) => beyond === null,
      });
    case 'absence': {
      const absence = createAbsence(detect);
      return opener(absence, ({ timeMs }) => ({ timeMs, firing: false }), {
        check: absence.check,
        // Who never reported is not missed.
        phaseOf: ({ status, lastMs }) =>
          lastMs === null || status === 'ok' || status === 'firing' ? null : status,
      });
    }
    case 'rate':
      return opener(createRate(detect), ({ timeMs, fields }) => ({ timeMs, fields }), {
        isBlank: ({ timesMs }) => timesMs.length === 0,
      });
    case 'pattern':
      return opener(createPattern(detect), ({ timeMs, fields }) => ({ timeMs, fields }), {
        isBlank: ({ startedMs }) => startedMs.every((startMs) => startMs === null),
      });
    case 'log-templates':
      return opener(createLogTemplates(), ({ timeMs, message }) => ({ timeMs, message }));
    case 'metric-anomaly':
      return opener(
        overIntervals(createMetricAnomaly(), detect.everyMs),
        ({ timeMs, value }) => ({ timeMs, value }),
        { isBlank: ({ inner }) => inner === null },
      );
    case 'joint-silence':
      // It is of a whole site: see `SiteWatch`.
      return () => {
        throw new RangeError('a rule of kind joint-silence has no series');
      };
  }
}

interface Ways<State> {
  readonly check?: TimedDetector<State, never>['check'];
  readonly phaseOf?: (state: State) => Phase;
  readonly isBlank?: (state: State) => boolean;
}

function opener<State, Seen>(
  detector: Detector<State, Seen>,
  seen: (observation: Observation) => Seen,
  { check, phaseOf, isBlank }: Ways<State> = {},
): OpenSeries {
  const work: Work<State, Seen> = { detector, seen, check, phaseOf, isBlank };
  return (bytes) =>
    new DetectorSeries(work, bytes === undefined ? detector.create() : restored(detector, bytes));
}

/** What the series of one rule have in common. */
interface Work<State, Seen> {
  readonly detector: Detector<State, Seen>;
  readonly seen: (observation: Observation) => Seen;
  readonly check: Ways<State>['check'];
  readonly phaseOf: Ways<State>['phaseOf'];
  readonly isBlank: Ways<State>['isBlank'];
}

/** A class, since there are thousands: functions of its own for each would take more memory than most states. */
class DetectorSeries<State, Seen> implements Series {
  readonly #work: Work<State, Seen>;
  readonly #state: State;

  constructor(work: Work<State, Seen>, state: State) {
    this.#work = work;
    this.#state = state;
  }

  observe(observation: Observation): Detection | null {
    const { detector, seen } = this.#work;
    return detector.observe(this.#state, seen(observation));
  }

  check(nowMs: number): Detection | null {
    return this.#work.check?.(this.#state, nowMs) ?? null;
  }

  get phase(): Phase {
    return this.#work.phaseOf?.(this.#state) ?? null;
  }

  get blank(): boolean {
    return this.#work.isBlank?.(this.#state) ?? false;
  }

  serialise(): Uint8Array {
    return this.#work.detector.serialise(this.#state);
  }
}

/** A state of another version says nothing to this one: the series begins to learn again. */
function restored<State, Seen>(detector: Detector<State, Seen>, bytes: Uint8Array): State {
  try {
    return detector.restore(bytes);
  } catch {
    return detector.create();
  }
}
