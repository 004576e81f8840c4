import { headers } from '../../contracts/topics.ts';
import type { RecordFormat } from '../../streams/record.ts';

const shared = {
  [headers.tenant]: { name: 'tenantId', kind: 'text' },
  [headers.ingestTime]: { name: 'ingestTime', kind: 'number' },
} as const;

/** A record of `telemetry.enriched.v1` as detection reads it. */
export const enrichedFormat: RecordFormat = {
  headers: { ...shared, [headers.completes]: { name: 'completes', kind: 'text' } },
  value: { name: 'value', kind: 'json' },
};

/** A record of `alerts.signals.v1`, keyed by tenant. */
export const signalFormat: RecordFormat = { headers: shared, value: { name: 'value', kind: 'json' } };
