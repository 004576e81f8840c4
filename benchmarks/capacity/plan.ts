import { z } from 'zod';

import type { BenchReport } from '../report.ts';
import { type CurvePoint, curveOf, medianOf, slopeOf, valueAt } from './curve.ts';

export interface CapacityQuestion {
  readonly devices: number;
  /** Of each device. */
  readonly eventsPerMinute: number;
  readonly windowMinutes: number;
}

/** The committed results that a plan is made of. */
export interface CapacityFigures {
  /** `bench run --load large-msp`: the embedded profile as a whole. */
  readonly run: BenchReport;
  /** `benchmarks/scale`: how cost grows. */
  readonly scale: BenchReport;
  /** CPU of the telemetry role on Kafka, microseconds an event (`benchmarks/kafka-clients`). */
  readonly kafkaMicros: number;
  /** Bytes of an event in the topics, before compression. */
  readonly eventBytes: number;
}

export interface PlanLine {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** The files of which it was computed, and how. */
  readonly of: string;
}

/** A core that is busier has no room for peaks, and its queues grow. */
const busyShare = 0.6;
const fewestPartitions = 4;
/** Of `benchmarks/scale`, in event time: a minute of window holds so many ids a second. */
const ratePerSecondOfScale = 500;

const runConfigurationSchema = z.object({
  load: z.object({ agents: z.number(), ratePerSecond: z.number(), duplicates: z.number() }),
  warmupMs: z.number(),
  durationMs: z.number(),
});

/** Computes what a fleet needs. Beyond the ends of a curve its last value counts, and the line says so. */
export function capacityPlan(question: CapacityQuestion, figures: CapacityFigures): PlanLine[] {
  const { devices, eventsPerMinute, windowMinutes } = question;
  const { run, scale, kafkaMicros, eventBytes } = figures;
  const rate = (devices * eventsPerMinute) / 60;
  const byDevices = curveOf(scale, 'devices');
  const moreMicros = (valueAt(byDevices, devices) - valueAt(byDevices, fleetOf(run).devices)) / 1000;
  const embeddedMicros = medianOf(run, 'platform CPU') + moreMicros;
  const telemetryMicros = kafkaMicros + moreMicros;
  const processes = Math.max(1, Math.ceil((rate * telemetryMicros) / 1e6 / busyShare));
  const ids = rate * windowMinutes * 60;
  const beyond = beyondText(byDevices, devices);
  return [
    { what: 'events', value: rate, unit: 'a second', of: 'devices × events a minute' },
    {
      what: 'embedded: cores, all of the platform',
      value: (rate * embeddedMicros) / 1e6 / busyShare,
      unit: `cores at ${busyShare * 100} %`,
      of: `run-large-msp.json (CPU), scale.json (growth with devices)${beyond}`,
    },
    {
      what: 'embedded: memory',
      value: embeddedMb(run, scale, devices, ids),
      unit: 'MB',
      of: 'run-large-msp.json (peak), scale.json (state)',
    },
    {
      what: 'Kafka: processes of the telemetry role',
      value: processes,
      unit: `processes at ${busyShare * 100} % of a core`,
      of: `kafka-clients.json (CPU), scale.json (growth with devices)${beyond}`,
    },
    {
      what: 'Kafka: partitions',
      value: Math.max(fewestPartitions, 2 * processes),
      unit: 'at least, two a process',
      of: 'the processes',
    },
    {
      what: 'Kafka: state of all telemetry processes together',
      value: stateMb(scale, devices, ids),
      unit: 'MB',
      of: 'scale.json (devices, window)',
    },
    {
      what: 'Kafka: events a day in one topic, before compression',
      value: (rate * 86_400 * eventBytes) / 1e9,
      unit: 'GB',
      of: 'kafka-clients.json (bytes of an event)',
    },
    {
      what: 'embedded: CPU of a million events',
      value: embeddedMicros,
      unit: 'core seconds',
      of: 'run-large-msp.json, scale.json',
    },
  ];
}

/** Devices of the run's fleet, and the ids that its process had seen at the end: it was shorter than the window. */
function fleetOf(run: BenchReport): { readonly devices: number; readonly ids: number } {
  const { load, warmupMs, durationMs } = runConfigurationSchema.parse(run.configuration);
  const sent = (load.ratePerSecond * (warmupMs + durationMs)) / 1000;
  return { devices: load.agents, ids: sent * (1 - load.duplicates) };
}

/** The run's peak, and what devices and ids take beyond those of the run. */
function embeddedMb(run: BenchReport, scale: BenchReport, devices: number, ids: number): number {
  const fleet = fleetOf(run);
  const more = stateMb(scale, devices, ids) - stateMb(scale, fleet.devices, fleet.ids);
  return medianOf(run, 'platform memory') + Math.max(0, more);
}

function stateMb(scale: BenchReport, devices: number, ids: number): number {
  const perDevice = slopeOf(curveOf(scale, 'devices', ', state'));
  const byMinutes = curveOf(scale, 'window minutes', ', state');
  const perId = slopeOf(byMinutes) / (60 * ratePerSecondOfScale);
  return perDevice * devices + perId * ids;
}

function beyondText(points: readonly CurvePoint[], at: number): string {
  const [first, last] = [points[0]?.at ?? 0, points.at(-1)?.at ?? 0];
  return at > last || at < first ? `; measured from ${first} to ${last} devices` : '';
}
