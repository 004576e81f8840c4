import type { Log } from '../brokers/log.ts';
import type { StoredEvent } from '../contracts/event.ts';
import { headers, rawKey, topics } from '../contracts/topics.ts';
import type { ToolEventData } from '../enrichers/decoders/decoded.ts';
import { serverSource } from '../enrichers/place-event.ts';
import { storable } from '../enrichers/tool-event-limits.ts';
import type { Analytics } from '../sinks/analytics.ts';
import type { EventLog } from '../sinks/event-log.ts';
import { deviceAt, type ToolDeviceLink } from '../stores/tool-directory.ts';
import type { Clock } from '../streams/clock.ts';
import { partitionOf } from '../streams/partitioner.ts';
import { RecordBatchBuilder } from '../streams/record-batch.ts';
import { endsOf, havePassed } from './until-passed.ts';

export interface LinkBackfillDeps {
  readonly log: Pick<Log, 'append' | 'partitionCount' | 'endOffset' | 'lag'>;
  readonly analytics: Pick<Analytics, 'exportEvents'>;
  readonly eventLog: Pick<EventLog, 'event'>;
  readonly clock: Clock;
  /** Consumer groups by which an event gets from the enriched topic into event log and analytics. */
  readonly storeGroups: readonly string[];
  /** Asks the sinks to ack what they have written: called while waiting for them. */
  readonly hurry?: () => void;
}

const askEveryMs = 100;

/**
 * Sends every stored event again that lacks its device and names the agent that is linked now: with the device that the
 * agent was at the event's time, marked so that the stores complete its row and nothing counts it twice. Gives how many
 * those were. First it waits until what was decoded before the link stands in the stores. Repeating it changes nothing.
 */
export async function backfillLink(
  deps: LinkBackfillDeps,
  link: ToolDeviceLink,
  signal: AbortSignal,
): Promise<number> {
  await untilStored(deps, signal);
  const scope = { tenantId: link.tenantId };
  const filter = { toolTypes: [link.tool], withoutDevice: true };
  const prefix = serverSource(link);
  let count = 0;
  for await (const page of deps.analytics.exportEvents(scope, filter, 'asc', signal)) {
    for (const { source, eventId } of page) {
      if (!source.startsWith(prefix)) continue;
      const event = await deps.eventLog.event(scope, eventId);
      const record = event === null ? null : completedRecord(event, link);
      if (record === null) continue;
      const partition = partitionOf(Buffer.from(record.key), deps.log.partitionCount(topics.raw));
      const batch = new RecordBatchBuilder(4096);
      batch.appendRecord(record);
      await deps.log.append(topics.raw, partition, batch.finish());
      count++;
    }
  }
  return count;
}

/** Resolves when every event that was placed without the link can be asked for. */
async function untilStored(deps: LinkBackfillDeps, signal: AbortSignal): Promise<void> {
  const steps = [
    { topic: topics.toolEvents, groups: ['place'] },
    { topic: topics.raw, groups: ['telemetry'] },
    { topic: topics.enriched, groups: deps.storeGroups },
  ];
  for (const { topic, groups } of steps) {
    const ends = await endsOf(deps.log, topic);
    while (!havePassed(groups, topic, ends, await deps.log.lag())) {
      deps.hurry?.();
      await deps.clock.sleep(askEveryMs, signal);
      signal.throwIfAborted();
    }
  }
}

/** The event as a raw record with its device; null where it is not about the agent, or the device is another tenant's. */
function completedRecord(event: StoredEvent, link: ToolDeviceLink) {
  const stored = event.data as Partial<ToolEventData> | null;
  if (event.deviceId !== null || stored?.device?.agentId !== link.agentId) return null;
  const eventTimeMs = Date.parse(event.eventTime);
  const { tenantId, deviceId } = deviceAt(link, eventTimeMs);
  const { row, ...data } = stored;
  const value = storable({ ...data, deviceJoin: 'back-filled', row });
  if (tenantId !== event.tenantId || value === null) return null;
  return {
    key: rawKey(event.tenantId, event.source),
    value,
    timestampMs: eventTimeMs,
    headers: {
      [headers.specVersion]: '1.0',
      [headers.id]: event.sourceId,
      [headers.source]: event.source,
      [headers.type]: event.sourceType,
      [headers.time]: event.eventTime,
      [headers.contentType]: 'application/json',
      [headers.tenant]: event.tenantId,
      [headers.device]: deviceId,
      [headers.eventId]: event.eventId,
      [headers.ingestTime]: String(Date.parse(event.ingestTime)),
      [headers.tool]: event.toolType,
      ...(event.userId === null ? {} : { [headers.user]: event.userId }),
      [headers.replay]: `linked/${link.sinceMs}`,
      [headers.completes]: 'true',
    },
  };
}
