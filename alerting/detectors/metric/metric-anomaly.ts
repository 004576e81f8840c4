import type { Detection, DetectionKind, Detector } from '../../detector.ts';
import { type MetricConstants, metricDefaults } from './metric-defaults.ts';
import { PeakStatistics } from './peak-statistics.ts';
import { QuietGate } from './quiet-gate.ts';
import { StateReader, StateWriter } from './state-bytes.ts';
import { ValueRange } from './value-range.ts';
import { WindowMemory } from './window-memory.ts';

const layout = 1;
/** Squares of larger values would overflow, and one of them blind a series for good. */
const largest = 1e30;

/** One window length: what it remembers, and how high its distances usually peak. */
interface Scale {
  readonly length: number;
  readonly memory: WindowMemory;
  readonly peaks: PeakStatistics;
}

export interface MetricAnomalyState {
  readonly scales: readonly Scale[];
  readonly range: ValueRange;
  readonly gate: QuietGate;
  /** Values seen, without those that are not finite. */
  seen: number;
  /** What is taken off each value before it is kept in 32 bits: the first one. */
  origin: number;
  lastTimeMs: number;
  /** Of the times between values, each counting a tenth against those before. 0 before the second value. */
  usualGapMs: number;
}

/** How strong the evidence of one scale is, with the numbers behind it. */
interface Evidence {
  readonly length: number;
  readonly strength: number;
  readonly distance: number;
  readonly typical: number;
}

/**
 * Finds what is new in one metric, by the distance of its latest 1, 3, 6 and 12 values to the nearest they ever came
 * to before. No tuning, nothing known of the series: see docs/detection.md for what each constant does and how much
 * the result depends on it. About 30 KB of state at most. Values that are not finite are skipped; after a gap of many
 * usual intervals the windows start anew. Times that go back are taken in the order they come.
 */
export function createMetricAnomaly(overrides: Partial<MetricConstants> = {}): Detector<MetricAnomalyState> {
  const constants: MetricConstants = { ...metricDefaults, ...overrides };
  const create = (): MetricAnomalyState => createState(constants);
  return {
    name: 'metric-anomaly',
    version: 1,
    create,
    observe: (state, { timeMs, value }) => {
      if (!Number.isFinite(value)) return null;
      restartAfterGap(state, timeMs, constants);
      if (state.seen === 0) state.origin = value;
      return observeValue(state, value, constants);
    },
    serialise,
    restore: (bytes) => restore(create(), bytes),
  };
}

function createState(constants: MetricConstants): MetricAnomalyState {
  return {
    scales: constants.windowLengths.map((length) => ({
      length,
      memory: new WindowMemory({ ...constants, length }),
      peaks: new PeakStatistics(constants),
    })),
    range: new ValueRange(constants.rangeHalfLife),
    gate: new QuietGate(constants),
    seen: 0,
    origin: 0,
    lastTimeMs: 0,
    usualGapMs: 0,
  };
}

function restartAfterGap(state: MetricAnomalyState, timeMs: number, { gapIntervals }: MetricConstants): void {
  const gapMs = timeMs - state.lastTimeMs;
  const first = state.seen === 0;
  state.lastTimeMs = timeMs;
  if (first || !(gapMs > 0)) return;
  if (state.usualGapMs > 0 && gapMs > gapIntervals * state.usualGapMs) {
    for (const { memory } of state.scales) memory.restartWindow();
    return;
  }
  state.usualGapMs = state.usualGapMs === 0 ? gapMs : state.usualGapMs + (gapMs - state.usualGapMs) / 10;
}

function observeValue(
  state: MetricAnomalyState,
  given: number,
  constants: MetricConstants,
): Detection | null {
  const value = Math.fround(Math.max(-largest, Math.min(largest, given - state.origin)));
  const span = state.range.span;
  const side = state.range.side(value);
  const judged = state.seen >= constants.warmUp;
  const evidence: Evidence[] = [];
  for (const scale of state.scales) {
    const found = observeScale(scale, value, { span, judged, constants });
    if (found !== null) evidence.push(found);
  }
  state.range.observe(value);
  state.seen++;
  // A series that never moved has no scale of its own: its first move is just over the threshold.
  const first = judged && span === 0 && side !== 0;
  const strength = first ? constants.step / 2 : combine(evidence, constants) - constants.threshold;
  const level = state.gate.admit(strength, state.seen);
  if (level === null) return null;
  return detection(level, { evidence, side, value: given, span, first });
}

interface Circumstances {
  /** Of the values before this one. */
  readonly span: number;
  /** False while warming up: a young memory finds everything far away, which says nothing of later distances. */
  readonly judged: boolean;
  readonly constants: MetricConstants;
}

function observeScale(
  scale: Scale,
  value: number,
  { span, judged, constants }: Circumstances,
): Evidence | null {
  const least = constants.leastShare * span;
  const typical = Math.max(scale.memory.typicalDistance, least);
  const distance = scale.memory.observe(value, least);
  if (span === 0 || !judged) return null;
  const surprise = scale.peaks.standardScore(Math.max(distance, least));
  scale.peaks.observe(distance, least, span);
  if (surprise === null || distance === 0) return null;
  const size = Math.log(distance / Math.sqrt(span * typical));
  return { length: scale.length, strength: surprise + constants.sizeWeight * size, distance, typical };
}

/** A soft maximum over the scales: one strong scale suffices, several that agree count more. */
function combine(evidence: readonly Evidence[], { windowLengths, sharpness }: MetricConstants): number {
  let sum = 0;
  for (const { strength } of evidence) sum += Math.exp(sharpness * strength);
  return Math.log(sum / windowLengths.length) / sharpness;
}

interface Finding {
  readonly evidence: readonly Evidence[];
  readonly side: -1 | 0 | 1;
  readonly value: number;
  readonly span: number;
  readonly first: boolean;
}

function detection(level: number, { evidence, side, value, span, first }: Finding): Detection {
  const score = 1 - 2 ** -(2 ** level);
  const strongest = evidence.reduce<Evidence | null>(
    (best, next) => (best === null || next.strength > best.strength ? next : best),
    null,
  );
  if (first || strongest === null) {
    return { score, kind: 'shift', reason: { summary: `first change ever, to ${value}`, values: { value } } };
  }
  const { length, distance, typical } = strongest;
  const kind: DetectionKind = side === 0 ? 'novelty' : length === 1 ? 'spike' : 'shift';
  const times = distance / typical;
  const outside = side === 0 ? '' : side > 0 ? ', above its range' : ', below its range';
  return {
    score,
    kind,
    reason: {
      summary: `the last ${length === 1 ? 'value is' : `${length} values are`} ${times.toFixed(1)} times as far from anything seen before as usual${outside}`,
      values: { value, windowLength: length, distance, typicalDistance: typical, range: span },
    },
  };
}

function serialise(state: MetricAnomalyState): Uint8Array {
  const memories = state.scales.reduce(
    (sum, { memory }) => sum + memory.sizeBytes + PeakStatistics.maxBytes,
    0,
  );
  const writer = new StateWriter(layout, memories + ValueRange.maxBytes + QuietGate.maxBytes + 8 * 4);
  writer.float64(state.seen);
  writer.float64(state.origin);
  writer.float64(state.lastTimeMs);
  writer.float64(state.usualGapMs);
  state.range.write(writer);
  state.gate.write(writer);
  for (const { memory, peaks } of state.scales) {
    memory.write(writer);
    peaks.write(writer);
  }
  return writer.finish();
}

function restore(state: MetricAnomalyState, bytes: Uint8Array): MetricAnomalyState {
  const reader = new StateReader(layout, bytes);
  state.seen = reader.whole(Number.MAX_SAFE_INTEGER);
  state.origin = reader.float64();
  state.lastTimeMs = reader.float64();
  state.usualGapMs = reader.float64();
  state.range.read(reader);
  state.gate.read(reader);
  for (const { memory, peaks } of state.scales) {
    memory.read(reader);
    peaks.read(reader);
  }
  reader.finish();
  return state;
}
