import { eventIdOf } from '../contracts/event-id.ts';
import { rawKey, topics } from '../contracts/topics.ts';
import {
  deviceAt,
  type LinkedDevice,
  type ToolConnection,
  type ToolDevice,
  type ToolDirectory,
  type ToolIdentity,
} from '../stores/tool-directory.ts';
import type { RecordInput } from '../streams/record-batch.ts';
import type { RecordView, StreamRecord } from '../streams/record.ts';
import {
  deadLetter,
  drop,
  type Outcome,
  type Stage,
  type StageOpening,
  type StageTask,
} from '../streams/stage.ts';
import type { ToolRecord } from './decode-tools.ts';
import type { DeviceLink, ToolEvent } from './decoders/decoded.ts';
import { KnownSettings } from './known-settings.ts';
import { storable } from './tool-event-limits.ts';

const placed = drop('placed');

/**
 * Whose an event is: its scope's tenant (Mesh domain, Fleet team, Tactical client) where the connection tells scopes
 * apart and the event says one, else the connection's. Null where that says nothing, also for a scope that nobody
 * has placed yet: nobody gets it then.
 */
export function tenantOf(event: ToolEvent, connection: ToolConnection): string | null {
  const { scope } = event;
  if (scope === null || Object.keys(connection.scopes).length === 0) return connection.tenantId;
  return Object.hasOwn(connection.scopes, scope) ? (connection.scopes[scope] ?? null) : null;
}

/** Names the event within its tenant: by tool, server and path, never by what a join or a link may change later. */
export function sourceOf(event: ToolEvent): string {
  return `${serverSource(event)}${event.path}`;
}

/** What the sources of a server's events begin with. */
export function serverSource({ tool, server }: ToolIdentity): string {
  return `/tools/${tool.toLowerCase().replaceAll('_', '-')}/${encodeURIComponent(server)}/`;
}

/**
 * Places events of tools: finds the tenant by the connection, and our device by the tool's id of it. What cannot be
 * placed goes to the dead letters with the reason, and comes again when it is replayed after somebody has said whose
 * it is. A device that is linked to another tenant than the event's is not taken: the event keeps the tool's name.
 */
export function placeEvent(directory: Pick<ToolDirectory, 'connection' | 'device'>): Stage {
  return {
    name: 'place-event',
    reads: ['data', 'ingestTime', 'replay', 'replays'],
    adds: [
      { name: 'joinKey', kind: 'text' },
      { name: 'awaitsDevice', kind: 'text' },
    ],
    changelog: { topic: topics.toolSettings, cleanup: 'compact' },
    open: (opening) => new PlaceEventTask(directory, opening),
  };
}

class PlaceEventTask implements StageTask {
  readonly #directory;
  readonly #opening: StageOpening;
  readonly #data;
  readonly #ingestTime;
  readonly #replay;
  readonly #replays;
  readonly #connections = new Map<string, ToolConnection | null>();
  readonly #devices = new Map<string, LinkedDevice | null>();
  readonly #settings: KnownSettings;

  constructor(directory: Pick<ToolDirectory, 'connection' | 'device'>, opening: StageOpening) {
    this.#directory = directory;
    this.#opening = opening;
    this.#settings = new KnownSettings(opening.clock);
    this.#data = opening.field('data');
    this.#ingestTime = opening.field('ingestTime');
    this.#replay = opening.field('replay');
    this.#replays = opening.field('replays');
  }

  /** What the batch needs of the directory, asked once each. */
  async prepare(records: Iterable<RecordView>): Promise<void> {
    this.#connections.clear();
    this.#devices.clear();
    const asked: Promise<void>[] = [];
    for (const record of records) this.#ask(record.json(this.#data) as ToolRecord, asked);
    await Promise.all(asked);
  }

  process(record: RecordView): Outcome {
    const value = record.json(this.#data) as ToolRecord;
    if (value.kind === 'link') return this.#placeLink(record, value.link);
    const { event } = value;
    const connection = this.#connections.get(nameOf(event)) ?? null;
    // What nobody has connected counts as one sender, however many servers it names.
    this.#opening.sentBy(connection === null ? 'not connected' : event.server);
    if (connection === null) {
      return deadLetter(`CONNECTION_UNKNOWN: ${event.tool} ${event.server}`);
    }
    const tenantId = tenantOf(event, connection);
    if (tenantId === null) {
      return deadLetter(`TENANT_UNKNOWN: ${event.tool} ${event.server} scope ${event.scope ?? '(none)'}`);
    }
    const unchanged = this.#settings.isUnchanged(event);
    const dataJson = storable(unchanged ? { ...event.data, outcome: 'unchanged' } : event.data);
    if (dataJson === null) return deadLetter('EVENT_TOO_LARGE');
    this.#emit(record, event, tenantId, dataJson);
    return placed;
  }

  changes(): readonly RecordInput[] {
    return this.#settings.changes();
  }

  restore(record: StreamRecord): void {
    this.#settings.restore(record);
  }

  #ask(value: ToolRecord, asked: Promise<void>[]): void {
    const identity = value.kind === 'event' ? value.event : value.link;
    const name = nameOf(identity);
    if (!this.#connections.has(name)) {
      this.#connections.set(name, null);
      asked.push(
        this.#directory.connection(identity).then((found) => void this.#connections.set(name, found)),
      );
    }
    const agentId = value.kind === 'event' ? value.event.data.device?.agentId : value.link.agentId;
    if (agentId === undefined) return;
    const device = nameOf(identity, agentId);
    if (this.#devices.has(device)) return;
    this.#devices.set(device, null);
    asked.push(
      this.#directory.device(identity, agentId).then((found) => void this.#devices.set(device, found)),
    );
  }

  #emit(record: RecordView, event: ToolEvent, tenantId: string, dataJson: string): void {
    const source = sourceOf(event);
    const device = this.#deviceOf(event, event.data.device?.agentId, event.timeMs);
    const deviceId = device?.tenantId === tenantId ? device.deviceId : undefined;
    const carried = (name: string, field: ReturnType<StageOpening['field']>): Record<string, string> =>
      record.has(field) ? { [name]: record.text(field) } : {};
    this.#opening.emit({
      key: rawKey(tenantId, source),
      eventTimeMs: event.timeMs,
      fields: {
        specVersion: '1.0',
        sourceId: event.id,
        source,
        sourceType: event.sourceType,
        time: new Date(event.timeMs).toISOString(),
        contentType: 'application/json',
        tenantId,
        ...(deviceId === undefined ? {} : { deviceId }),
        eventId: eventIdOf(tenantId, source, event.id),
        ingestTime: record.number(this.#ingestTime),
        toolType: event.tool,
        ...(event.data.actor?.id === undefined ? {} : { userId: event.data.actor.id }),
        ...carried('replay', this.#replay),
        ...carried('replays', this.#replays),
        ...(event.joinKey === undefined ? {} : { joinKey: record.key }),
        ...(event.awaitsDevice === true ? { awaitsDevice: 'true' } : {}),
        data: dataJson,
      },
    });
  }

  /** A half of a join goes on with the device that the tool's id is of. */
  #placeLink(record: RecordView, link: DeviceLink): Outcome {
    const device = this.#deviceOf(link, link.agentId, record.eventTimeMs);
    this.#opening.emit({
      key: record.key,
      eventTimeMs: record.eventTimeMs,
      fields: {
        joinKey: record.key,
        ...(device === undefined ? {} : { tenantId: device.tenantId, deviceId: device.deviceId }),
        data: JSON.stringify({ agentId: link.agentId } satisfies PlacedLink),
      },
    });
    return placed;
  }

  #deviceOf(identity: ToolIdentity, agentId: string | undefined, atMs: number): ToolDevice | undefined {
    if (agentId === undefined) return undefined;
    const link = this.#devices.get(nameOf(identity, agentId)) ?? null;
    return link === null ? undefined : deviceAt(link, atMs);
  }
}

/** What the record of a placed link holds: it has no event id. */
export interface PlacedLink {
  readonly agentId: string;
}

function nameOf({ tool, server }: ToolIdentity, agentId = ''): string {
  return JSON.stringify([tool, server, agentId]);
}
