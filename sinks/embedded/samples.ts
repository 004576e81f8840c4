import { agentEventTypes } from '../../contracts/event.ts';

/** Which events have samples. */
export const hasSamplesSql = `source_type = '${agentEventTypes.metrics}'`;

/**
 * An event's samples, read from its `data` when they are asked for: most never are, and keeping them as columns
 * costs more than all other columns together. Labels are JSON text; what is no sample has NULLs. The text was read
 * as JSON when it was stored; TRY is for what a person changed by hand.
 */
export const samplesSql = `TRY(from_json(coalesce(readable_data, data),
  '{"samples": [{"name": "VARCHAR", "value": "DOUBLE", "unit": "VARCHAR", "labels": "VARCHAR"}]}')).samples`;

/** The samples of all events, a row each, for whoever looks into the file by hand. */
export const samplesViewSql = `
  CREATE VIEW IF NOT EXISTS metric_samples AS
  SELECT event_id, tenant_id, device_id, sample.name AS name, sample.unit AS unit, sample.labels AS labels,
    event_time, sample.value AS value
  FROM (SELECT event_id, tenant_id, device_id, event_time, unnest(${samplesSql}) AS sample
    FROM events WHERE ${hasSamplesSql})
  WHERE sample.name IS NOT NULL AND isfinite(sample.value)`;
