import { Counter, Histogram, type Registry } from 'prom-client';

/** What the door counts. Called once for each request or each batch of frames, never once for each event. */
export interface IngestMetrics {
  /** Events that are durable. */
  accepted(events: number): void;
  /** Events refused one by one, or requests refused whole. */
  refused(code: string, count: number): void;
  /** Bytes of a body, as it came (compressed or not). */
  received(bytes: number): void;
  /** From the first byte read to the answer. */
  answered(durationMs: number): void;
}

/** The door's counters on a Prometheus registry. */
export function createIngestMetrics(registry: Registry): IngestMetrics {
  const registers = [registry];
  const accepted = new Counter({
    name: 'openframe_ingest_events_accepted_total',
    help: 'Events that the gateway accepted: durable in the messaging.',
    registers,
  });
  const refused = new Counter({
    name: 'openframe_ingest_refused_total',
    help: 'Events or whole requests that the gateway refused, by error code.',
    labelNames: ['code'],
    registers,
  });
  const received = new Counter({
    name: 'openframe_ingest_received_bytes_total',
    help: 'Bytes of request bodies as they came.',
    registers,
  });
  const duration = new Histogram({
    name: 'openframe_ingest_request_duration_seconds',
    help: 'From the first byte of a body read to the answer.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers,
  });
  return {
    accepted: (events) => accepted.inc(events),
    refused: (code, count) => refused.inc({ code }, count),
    received: (bytes) => received.inc(bytes),
    answered: (durationMs) => duration.observe(durationMs / 1000),
  };
}
