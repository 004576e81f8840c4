import { eventIdOf } from '../../contracts/event-id.ts';
import { rawKey } from '../../contracts/topics.ts';
import { createEventLines } from '../../simulator/event-lines.ts';
import { createFleet } from '../../simulator/fleet.ts';
import { createRandom } from '../../streams/random.ts';
import { RecordBatchBuilder } from '../../streams/record-batch.ts';

/**
 * Seeded events of 5,000 agents of 200 tenants as the gateway hands them on: batches of records, in order. The value of
 * one record of `poisonOneOf` is cut off.
 */
export function rawBatches(
  batches: number,
  recordsPerBatch: number,
  compress: boolean,
  poisonOneOf = Infinity,
): Buffer[] {
  const tenants = Array.from({ length: 200 }, (_, i) => `sim-${i}`);
  const fleet = createFleet({ agents: 5000, tenants, seed: 1 });
  const lines = createEventLines(createRandom(2));
  const startMs = Date.UTC(2026, 0, 1);
  const builder = new RecordBatchBuilder();
  return Array.from({ length: batches }, (_, batch) => {
    const timestampMs = startMs + batch * 100;
    for (let i = 0; i < recordsPerBatch; i++) {
      const agent = fleet.pick();
      const value = (data: string): string => data.slice(0, (i + 1) % poisonOneOf === 0 ? -1 : undefined);
      appendRaw(builder, agent.tenantId, lines.next(agent, timestampMs), timestampMs, value);
    }
    return builder.finish({ compress });
  });
}

/** One event, given as the line of NDJSON that an agent sends, as the gateway hands it on; accepted at its own time. */
export function appendRaw(
  builder: RecordBatchBuilder,
  tenantId: string,
  line: string,
  timestampMs: number,
  valueOf = (data: string): string => data,
): void {
  const event = JSON.parse(line) as Record<string, string>;
  const { id = '', source = '', type = '', time = '', subject = '' } = event;
  builder.appendRecord({
    key: rawKey(tenantId, source),
    value: valueOf(JSON.stringify(event['data'])),
    timestampMs,
    headers: {
      ce_specversion: '1.0',
      ce_id: id,
      ce_source: source,
      ce_type: type,
      ce_time: time,
      'content-type': 'application/json',
      tenant: tenantId,
      device: subject,
      eventid: eventIdOf(tenantId, source, id),
      ingesttime: String(timestampMs),
    },
  });
}
