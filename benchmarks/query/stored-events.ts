import { createHash } from 'node:crypto';

import { agentEventTypes, severities } from '../../contracts/event.ts';
import { createRandom } from '../../streams/random.ts';
import { RecordBatchBuilder } from '../../streams/record-batch.ts';
import type { SinkBatch } from '../../streams/sink.ts';

export const scope = { tenantId: 'bench' };
const sentences = [
  'Disk space on /var is low',
  'Accepted publickey for deploy',
  'Backup finished',
  'Service failed',
];

export interface SourceOptions {
  readonly devices: number;
  readonly seed: number;
  /** The number of the first event. */
  readonly first: number;
}

/** Events that spread evenly over a stretch of time. */
export interface BatchRequest {
  readonly count: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Batches of the enriched topic: of each device heartbeats and logs of all severities, ids as random as UUIDv5. */
export interface EventSource {
  /** A batch whose events spread evenly over a stretch of time. */
  batch(count: number, fromMs: number, toMs: number): SinkBatch;
}

export function eventIdOf(number: number): string {
  const hex = createHash('md5').update(String(number)).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** `first` is the number of the first event. */
export function createEventSource(devices: number, seed: number, first: number): EventSource {
  const random = createRandom(seed);
  let made = first;
  const event = (eventTime: number): object => {
    const number = made++;
    const device = random.below(devices);
    const isLog = random.below(5) === 0;
    return {
      eventId: eventIdOf(number),
      tenantId: scope.tenantId,
      source: `/agents/${device}`,
      sourceId: String(number),
      toolType: 'OPENFRAME',
      sourceType: isLog ? agentEventTypes.log : agentEventTypes.heartbeat,
      eventType: isLog ? 'SYSTEM_STATUS' : 'DEVICE_HEARTBEAT',
      severity: isLog ? (severities[random.below(5)] ?? 'INFO') : 'INFO',
      deviceId: String(device),
      hostname: `ws-${device}`,
      organizationId: `org-${device % 50}`,
      organizationName: `Customer ${device % 50}`,
      summary: isLog ? (sentences[random.below(4)] ?? '') : 'The agent is alive',
      eventTime,
      ingestTime: eventTime + 20,
      data: { message: 'x'.repeat(100) },
    };
  };
  return {
    batch(count, fromMs, toMs) {
      const builder = new RecordBatchBuilder();
      for (let i = 0; i < count; i++) {
        const timestampMs = Math.floor(fromMs + ((toMs - fromMs) * i) / count);
        builder.appendRecord({
          key: 'bench:/agents',
          value: JSON.stringify(event(timestampMs)),
          timestampMs,
        });
      }
      return { partition: 0, bytes: builder.finish(), count, firstOffset: 0 };
    },
  };
}
