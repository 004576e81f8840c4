import { z } from 'zod';

import { topics } from '../../contracts/topics.ts';
import { telemetry } from '../../pipelines/telemetry.ts';
import { createEventLines } from '../../simulator/event-lines.ts';
import { createRandom } from '../../streams/random.ts';
import { RecordBatchBuilder } from '../../streams/record-batch.ts';
import { openTask } from '../micro/parts.ts';
import { appendRaw } from '../micro/raw-batches.ts';
import { middleOf } from '../middle.ts';

/** One point of a curve: how much the telemetry topology knows and remembers when it is measured. */
export const scalePointSchema = z.object({
  devices: z.int().min(1),
  tenants: z.int().min(1),
  windowMinutes: z.number().positive(),
  /** Of event time: what the window then holds is this times its length. */
  ratePerSecond: z.int().min(1),
});
export type ScalePoint = z.infer<typeof scalePointSchema>;

export const scaleMeasureSchema = z.object({
  /** CPU of the whole process an event, nanoseconds, the median of the chunks. */
  cpuNanos: z.number(),
  /** Of the chunks: lowest and highest. */
  lowest: z.number(),
  highest: z.number(),
  /** Memory that known devices and remembered ids take, after a full collection. */
  stateBytes: z.number(),
});
export type ScaleMeasure = z.infer<typeof scaleMeasureSchema>;

const recordsPerBatch = 2000;
const batchesPerChunk = 10;
const chunks = 9;
const warmUpChunks = 3;
const devicesPerBatch = 5000;
const startMs = Date.UTC(2026, 0, 1);

/**
 * Runs the topology in memory on one partition: knows all devices, remembers a whole window of events, then counts the
 * CPU of more of them, of devices drawn evenly, which is harder on caches than a fleet where few report much. Nothing is
 * written or compressed; making the events is not counted. Needs `--expose-gc`. For a process of its own.
 */
export async function measureScale(point: ScalePoint): Promise<ScaleMeasure> {
  const windowMs = point.windowMinutes * 60_000;
  const topology = telemetry({ windowMs, marksRetentionMs: 86_400_000 });
  const before = usedBytes();
  const readAll = (topic: string): AsyncIterable<Buffer> =>
    topic === topics.devices ? deviceBatches(point) : noBatches();
  const task = openTask(topology, { readAll });
  await task.restore();
  const makeBatch = batchMaker(point);
  const fill = Math.ceil((point.windowMinutes * 60 * point.ratePerSecond) / recordsPerBatch);
  for (let batch = 0; batch < fill; batch++) await task.process(makeBatch());
  const stateBytes = Math.max(0, usedBytes() - before);
  const found: number[] = [];
  for (let chunk = 0; chunk < warmUpChunks + chunks; chunk++) {
    const batches = Array.from({ length: batchesPerChunk }, makeBatch);
    globalThis.gc?.();
    const started = process.cpuUsage();
    for (const batch of batches) await task.process(batch);
    const { user, system } = process.cpuUsage(started);
    if (chunk >= warmUpChunks) found.push(((user + system) * 1000) / (batchesPerChunk * recordsPerBatch));
  }
  const [lowest, highest] = [Math.min(...found), Math.max(...found)];
  return { cpuNanos: middleOf(found) ?? 0, lowest, highest, stateBytes };
}

function usedBytes(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function* noBatches(): AsyncIterable<Buffer> {}

const deviceIdOf = (index: number): string => `device-${String(index).padStart(8, '0')}`;
const tenantIdOf = (index: number, { tenants }: ScalePoint): string => `tenant-${index % tenants}`;

/** The changelog of all devices, as after a restart. */
async function* deviceBatches(point: ScalePoint): AsyncIterable<Buffer> {
  let builder = new RecordBatchBuilder();
  for (let index = 0; index < point.devices; index++) {
    const organization = index % 997;
    builder.appendRecord({
      key: `${tenantIdOf(index, point)}:${deviceIdOf(index)}`,
      value: JSON.stringify({
        hostname: `host-${index}.corp.local`,
        organizationId: `org-${organization}`,
        organizationName: `Organization ${organization}`,
      }),
      timestampMs: startMs,
    });
    if (builder.count < devicesPerBatch && index + 1 < point.devices) continue;
    yield builder.finish();
    builder = new RecordBatchBuilder();
  }
}

/** Makes one batch after the other: each event is new, and a little later than the one before. */
function batchMaker(point: ScalePoint): () => Buffer {
  const random = createRandom(1);
  const lines = createEventLines(random);
  const builder = new RecordBatchBuilder();
  let sequence = 0;
  return () => {
    for (let i = 0; i < recordsPerBatch; i++) {
      const index = random.below(point.devices);
      const timestampMs = startMs + Math.floor((sequence * 1000) / point.ratePerSecond);
      const tenantId = tenantIdOf(index, point);
      const agent = {
        ...{ tenantId, deviceId: deviceIdOf(index), hostname: '', organizationId: '', organizationName: '' },
        ...{ cpu: random.next(), memory: random.next(), sequence: sequence++ },
      };
      appendRaw(builder, tenantId, lines.next(agent, timestampMs), timestampMs);
    }
    return builder.finish();
  };
}
