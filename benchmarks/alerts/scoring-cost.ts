import type { Sighting } from '../../alerting/sighting.ts';
import { noWindows } from '../../alerting/window-book.ts';
import { headers } from '../../contracts/topics.ts';
import { alerts } from '../../pipelines/alerts.ts';
import { createTopologyPass, type TopologyPass } from '../../pipelines/topology-pass.ts';
import { RecordBatchBuilder } from '../../streams/record-batch.ts';
import { seriesOf, type StormTenant, stormTenants } from './storm.ts';

const perBatch = 500;
const startMs = Date.UTC(2026, 2, 2);
/** So many batches, as far apart, until a tenant's 20,000 alerts are told of. */
const batches = 45;
const batchEveryMs = 2_000;

export interface ScoringCost {
  /** CPU of the topology `alerts` for a report that opens an alert, and for one more of an alert that is open. */
  readonly openingMicros: number;
  readonly repeatedMicros: number;
  /** Memory that an open alert holds, its counts included. */
  readonly bytesByAlert: number;
  /** CPU of the longest batch while all of them settle after they opened, and while all end an hour later. */
  readonly settlingMs: number;
  readonly endingMs: number;
}

/** What grouping and scoring cost, alone and in memory, with so many alerts open at once. */
export async function scoringCost(series: number): Promise<ScoringCost> {
  let nowMs = startMs;
  const pass = createTopologyPass(alerts(noWindows), { partitions: 1, partition: 0, nowMs: () => nowMs });
  const tenants = stormTenants(series);
  const emptyBytes = heapBytes();
  const opening = await timed(pass, reports(tenants, nowMs), nowMs);
  const heldBytes = heapBytes() - emptyBytes;
  const repeated = await timed(pass, reports(tenants, nowMs), nowMs);
  const longestBatchMs = async (laterMs: number): Promise<number> => {
    nowMs += laterMs;
    let longest = 0;
    for (let i = 0; i < batches; i++) {
      const ticks = tenants.map(({ tenantId }) => recordOf(tenantId, { tickMs: nowMs }, nowMs));
      longest = Math.max(longest, await timed(pass, [batchOf(ticks)], nowMs));
      nowMs += batchEveryMs;
    }
    return longest / 1_000;
  };
  return {
    openingMicros: opening / series,
    repeatedMicros: repeated / series,
    bytesByAlert: heldBytes / series,
    settlingMs: await longestBatchMs(61_000),
    endingMs: await longestBatchMs(3_660_000),
  };
}

interface Raw {
  readonly tenantId: string;
  readonly value: string;
  readonly timeMs: number;
}

/** CPU that the batches take, in microseconds. */
async function timed(pass: TopologyPass, batches: Iterable<Buffer>, nowMs: number): Promise<number> {
  let micros = 0;
  for (const batch of batches) {
    const before = process.cpuUsage();
    await pass.pass(batch, nowMs);
    const { user, system } = process.cpuUsage(before);
    micros += user + system;
  }
  if (pass.deadLetters() > 0) throw new Error('the reports of this benchmark cannot be read');
  return micros;
}

function* reports(tenants: readonly StormTenant[], timeMs: number): Generator<Buffer> {
  for (const { tenantId, series } of tenants) {
    for (let from = 0; from < series; from += perBatch) {
      const count = Math.min(perBatch, series - from);
      yield batchOf(Array.from({ length: count }, (_, i) => reportOf(tenantId, from + i, timeMs)));
    }
  }
}

function reportOf(tenantId: string, n: number, timeMs: number): Raw {
  const { host, message } = seriesOf(n);
  const detail = { severity: 'ERROR', title: message, deviceId: host, organizationId: 'customer-1' } as const;
  const sighting: Sighting = { name: `SYSTEM_ERROR: ${message}`, host, timeMs, detail };
  return recordOf(tenantId, sighting, timeMs);
}

function recordOf(tenantId: string, signal: object, timeMs: number): Raw {
  return { tenantId, value: JSON.stringify(signal), timeMs };
}

function batchOf(records: readonly Raw[]): Buffer {
  const builder = new RecordBatchBuilder(65_536);
  for (const { tenantId, value, timeMs } of records) {
    builder.appendRecord({
      key: tenantId,
      value,
      timestampMs: timeMs,
      headers: { [headers.tenant]: tenantId, [headers.ingestTime]: String(timeMs) },
    });
  }
  return builder.finish();
}

/** What is left after a full collection. */
function heapBytes(): number {
  if (globalThis.gc === undefined) throw new Error('give node the option --expose-gc');
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
