import { agentEventTypes, severities, type Severity } from '../../contracts/event.ts';
import type { FieldValue } from '../detectors/rules/condition.ts';
import { isWorkstation } from './workstation.ts';

const mostSamples = 256;

/** A value of `telemetry.enriched.v1` as detection needs it, with all its other members. */
export interface ParsedEvent {
  readonly source: string;
  readonly eventType: string;
  readonly severity: Severity;
  readonly deviceId?: string;
  readonly hostname?: string;
  readonly organizationId?: string;
  readonly summary: string;
  readonly eventTime: number;
  readonly ingestTime: number;
  readonly [member: string]: unknown;
}

const texts = ['source', 'eventType', 'summary'] as const;
const optionalTexts = ['deviceId', 'hostname', 'organizationId'] as const;
const numbers = ['eventTime', 'ingestTime'] as const;
const knownSeverities: ReadonlySet<unknown> = new Set(severities);

/** By hand: one event in ten is looked at, and a schema that keeps unknown members copies each of them. */
export function isParsedEvent(value: unknown): value is ParsedEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const members = value as Readonly<Record<string, unknown>>;
  return (
    texts.every((name) => typeof members[name] === 'string') &&
    numbers.every((name) => Number.isFinite(members[name])) &&
    optionalTexts.every((name) => members[name] === undefined || typeof members[name] === 'string') &&
    knownSeverities.has(members['severity'])
  );
}

/** A value of one of a metric's series; `labels` tells the series apart. */
export interface WatchedSample {
  readonly metric: string;
  readonly labels: string;
  readonly value: number;
}

/** An event as rules look at it. All of its text is hostile. */
export interface WatchedEvent {
  readonly eventType: string;
  /** The device, or whatever stands for it. */
  readonly deviceId: string;
  readonly hostname: string | undefined;
  readonly organizationId: string | undefined;
  readonly organizationName: string | null;
  /** When it happened, never after it was accepted. */
  readonly timeMs: number;
  /** It comes from the device itself. */
  readonly alive: boolean;
  /** Whether the device is a workstation; null where the event does not tell. */
  readonly workstation: boolean | null;
  /** The event's fields: the variables of conditions. */
  readonly fields: Readonly<Record<string, FieldValue>>;
  /** What it measured: at most 256 samples. */
  samples(): readonly WatchedSample[];
  /** The log line that it is; null where it is none. */
  line(): { readonly message: string; readonly logger: string } | null;
}

export function watchedEventOf(event: ParsedEvent, alive: boolean): WatchedEvent {
  const { eventType, source, deviceId = source, hostname, organizationId, eventTime, ingestTime } = event;
  const data = membersOf(event['data']);
  const organizationName = event['organizationName'];
  return {
    eventType,
    deviceId,
    hostname,
    organizationId,
    organizationName: typeof organizationName === 'string' ? organizationName : null,
    timeMs: Math.min(eventTime, ingestTime),
    alive,
    workstation: alive && event['sourceType'] === agentEventTypes.device ? isWorkstation(data) : null,
    fields: event as Readonly<Record<string, FieldValue>>,
    samples: () => {
      const samples = data['samples'];
      return Array.isArray(samples) ? samples.slice(0, mostSamples).flatMap(sampleOf) : [];
    },
    line: () => {
      const { message, logger } = data;
      if (typeof message !== 'string') return null;
      return { message, logger: typeof logger === 'string' ? logger : '' };
    },
  };
}

function sampleOf(given: unknown): WatchedSample[] {
  const { name, value, labels } = membersOf(given);
  if (typeof name !== 'string' || typeof value !== 'number') return [];
  const pairs = Object.entries(membersOf(labels)).filter(([, label]) => typeof label === 'string');
  const text = pairs.map(([key, label]) => `${key}=${String(label)}`).sort();
  return [{ metric: name, labels: text.join(' '), value }];
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
