import type { Log } from '../../brokers/log.ts';
import { partitionOf } from '../../streams/partitioner.ts';
import { createRandom, type Random } from '../../streams/random.ts';
import { RecordBatchBuilder } from '../../streams/record-batch.ts';
import { RecordCursor } from '../../streams/record-cursor.ts';
import { deviceCount, jobDevice, jobEventId, jobTopics, partitions } from './job.ts';

const recordsPerBatch = 1000;
export const duplicateShare = 0.1;
/** A duplicate repeats one of so many events before it: 100 s of event time. */
const historyEvents = 200_000;
const eventsPerMs = 2;
const message =
  'the quick agent observed an unexpected state transition while evaluating policy compliance for endpoint service ' +
  'host runtime module kernel update pending reboot required signature mismatch retry scheduled backoff applied user ' +
  'session locked remote control consent granted ';

export interface Generated {
  readonly events: number;
  /** Distinct ones: what a right answer puts out. */
  readonly distinct: number;
  readonly bytesPerEvent: number;
}

/** Writes the device records, and the job's seeded events in the order of their times, uncompressed. */
export async function generate(log: Log, events: number, seed: number): Promise<Generated> {
  await writeDevices(log);
  const random = createRandom(seed);
  const builders = Array.from({ length: partitions }, () => new RecordBatchBuilder());
  const history: { readonly key: string; readonly value: string }[] = [];
  const startMs = Date.now() - events / eventsPerMs;
  let distinct = 0;
  let bytes = 0;
  for (let i = 0; i < events; i++) {
    const timestampMs = Math.round(startMs + i / eventsPerMs);
    const repeated = history.length > 1000 && random.next() < duplicateShare;
    const event = repeated ? history[random.below(history.length)] : jobEvent(distinct, timestampMs, random);
    if (event === undefined) continue;
    if (!repeated) history[distinct++ % historyEvents] = event;
    bytes += event.value.length;
    const partition = partitionOf(Buffer.from(event.key), partitions);
    const builder = builders[partition];
    builder?.appendRecord({ ...event, timestampMs });
    if (builder?.count === recordsPerBatch) await log.append(jobTopics.events, partition, builder.finish());
  }
  for (const [partition, builder] of builders.entries()) {
    if (builder.count > 0) await log.append(jobTopics.events, partition, builder.finish());
  }
  return { events, distinct, bytesPerEvent: Math.round(bytes / events) };
}

async function writeDevices(log: Log): Promise<void> {
  const builders = Array.from({ length: partitions }, () => new RecordBatchBuilder());
  for (let index = 0; index < deviceCount; index++) {
    const { tenantId, deviceId, record } = jobDevice(index);
    const builder = builders[partitionOf(Buffer.from(deviceId), partitions)];
    builder?.appendRecord({ key: `${tenantId}:${deviceId}`, value: record, timestampMs: Date.now() });
  }
  for (const [partition, builder] of builders.entries()) {
    await log.append(jobTopics.devices, partition, builder.finish());
  }
}

/** The job's event `index`. Some devices speak far oftener than others. */
export function jobEvent(
  index: number,
  timeMs: number,
  random: Random,
): { readonly key: string; readonly value: string } {
  const { tenantId, deviceId } = jobDevice(Math.floor(deviceCount * random.next() ** 3));
  const from = random.below(100);
  const value =
    `{"eventId":"${jobEventId(index)}","tenantId":"${tenantId}","deviceId":"${deviceId}","agentType":"fleet",` +
    `"eventType":"service.state.changed","severity":"WARNING","ts":${timeMs},"seq":${index},` +
    `"metrics":{"cpu":${(random.next() * 100).toFixed(2)},"memUsed":${random.below(2 ** 30)},` +
    `"diskFree":${random.below(2 ** 31)},"netIn":${random.below(2 ** 28)},"netOut":${random.below(2 ** 28)}},` +
    `"process":{"name":"svc-${random.below(500)}.exe","pid":${random.below(65_000)},` +
    `"user":"CORP\\\\user${random.below(2000)}"},"tags":["prod","v2","r${random.below(20)}"],` +
    `"message":"${message.slice(from, from + 60 + random.below(80))}"}`;
  return { key: deviceId, value };
}

export interface Verdict {
  readonly out: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly notEnriched: number;
}

/** Reads what a peer put out, committed records only: each event once, with its own id and its device's host name. */
export async function verify(log: Log, distinct: number): Promise<Verdict> {
  const seen = new Uint8Array(distinct);
  const cursor = new RecordCursor();
  let [out, duplicated, notEnriched, found] = [0, 0, 0, 0];
  for (let partition = 0; partition < partitions; partition++) {
    for await (const batch of log.readAll(jobTopics.out, partition)) {
      cursor.reset(batch);
      while (cursor.next()) {
        out++;
        const text = cursor.value()?.toString('latin1') ?? '';
        const index = eventNumber(text);
        if (seen[index] === 0 && text.includes(jobEventId(index))) found++;
        else if (seen[index] !== undefined) duplicated++;
        if (seen[index] !== undefined) seen[index] = 1;
        if (!isEnriched(text)) notEnriched++;
      }
    }
  }
  return { out, lost: distinct - found, duplicated, notEnriched };
}

/** The number of the event that an output is of; -1 where it says none. */
export function eventNumber(output: string): number {
  return Number(/"seq":(\d+)/.exec(output)?.[1] ?? -1);
}

function isEnriched(text: string): boolean {
  const device = Number(/"deviceId":"device-(\d+)"/.exec(text)?.[1] ?? -1);
  return text.includes(`"hostname":"host-${String(device).padStart(6, '0')}.corp.local"`);
}
