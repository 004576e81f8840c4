import type { MetricSample } from './event.ts';

/** The two encodings of OTLP over HTTP, which collectors also write to Kafka. */
export type OtlpEncoding = 'json' | 'protobuf';

/** The requests that are read; traces are not. */
export type OtlpSignal = 'logs' | 'metrics';

/** An Export…ServiceRequest as it came (https://opentelemetry.io/docs/specs/otlp/). */
export interface OtlpInput {
  readonly bytes: Uint8Array;
  readonly encoding: OtlpEncoding;
  /** Dates what has no time of its own; milliseconds since the epoch. */
  readonly receivedMs: number;
  /** The device of a resource that names none; empty where there is none either. */
  readonly deviceId: string;
}

/** An event made of what OTLP brought. */
export interface OtlpEvent {
  /** Made of the content, and of how many equal ones came before it in the request: sent again, it is the same. */
  readonly id: string;
  /** Empty where neither the resource nor the input says which. */
  readonly deviceId: string;
  /** `host.name` of the resource; empty where it has none. */
  readonly hostname: string;
  /** A type that agents send: `openframe.log`, `openframe.metrics`. */
  readonly type: string;
  /** Milliseconds since the epoch; may be beyond what Date can hold. */
  readonly timeMs: number;
  /** As an agent's event of that type has it. */
  readonly data: OtlpData;
  /** How many log records or data points it stands for. */
  readonly points: number;
}

export interface OtlpData {
  readonly message?: string;
  readonly severityText?: string;
  readonly samples?: readonly MetricSample[];
  readonly [name: string]: unknown;
}

/** What a request came to. `unusablePoints` carry no finite value or no name. */
export type OtlpRead =
  | { readonly kind: 'events'; readonly events: readonly OtlpEvent[]; readonly unusablePoints: number }
  | { readonly kind: 'refused'; readonly reason: string; readonly detail: string };

/** How requests of each signal are read: pure functions, which never throw. */
export type OtlpReaders = Readonly<Record<OtlpSignal, (input: OtlpInput) => OtlpRead>>;
