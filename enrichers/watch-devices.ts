import {
  lateAfterMs,
  lifeSourcePrefix,
  lifeTypePrefix,
  type LifeWord,
  offlineAfterMs,
} from '../contracts/device.ts';
import { eventIdOf } from '../contracts/event-id.ts';
import { agentEventTypes } from '../contracts/event.ts';
import { toStorableJson } from '../contracts/storable-json.ts';
import { rawKey, topics } from '../contracts/topics.ts';
import { areEqual } from '../streams/byte-block.ts';
import { ByteMap } from '../streams/byte-map.ts';
import { ByteWriter } from '../streams/byte-writer.ts';
import { createKeyedState, type KeyedState } from '../streams/keyed-state.ts';
import type { RecordInput } from '../streams/record-batch.ts';
import type { RecordView, StreamRecord } from '../streams/record.ts';
import { drop, type Outcome, type Stage, type StageOpening, type StageTask } from '../streams/stage.ts';
import { StreamTime, type StreamTimeState } from '../streams/stream-time.ts';
import type { ToolEventData } from './decoders/decoded.ts';
import { changesText, inventoryChanges } from './inventory-changes.ts';
import { type SeenRuns, seeRun } from './seen-runs.ts';

/** How often it is made durable that a device was seen. */
const saveSeenEveryMs = 30_000;
const lookEveryMs = 1_000;
const timeKey = 'time';
const agentPath = '/agents/';

/** What the stream knows of a device's life. Times are of `StreamTime`, but for `wall`. */
interface Life {
  readonly state: 'online' | 'late' | 'offline';
  readonly seenMs: number;
  /** The acceptance time of what was seen last. */
  readonly seenWallMs: number;
  /** Numbers the device's events. */
  readonly events: number;
  readonly runs: SeenRuns;
  /** When it was told last that several machines report as this device. */
  readonly clonedMs?: number;
}

/** A device under watch: what was kept of its life last, and when it was seen since. Changed in place: it is seen often. */
interface Watched {
  readonly key: string;
  life: Life;
  seenMs: number;
  seenWallMs: number;
}

type Cell = Life | StreamTimeState | { readonly name: string; readonly inventory: unknown };

const watched = drop('watched');
const notOfAgent = drop('not an agent');
const clonedEveryMs = 24 * 3_600_000;

/**
 * Tells the life of devices as events of the same stream: registered, online, late, offline, changed (what is not as
 * it was in the inventory) and cloned (two agents report as one device, and both stay). A sign of life is anything that
 * the device's own agent sends.
 *
 * Silence is counted in the time in which the stream was watched: acceptance times, or the clock while the stream is
 * read to its end, without the time in which nobody listened. State and the events that it caused are committed
 * together, so that none is lost or doubled by a crash.
 */
export const watchDevices: Stage = {
  name: 'watch-devices',
  reads: ['tenantId', 'deviceId', 'source', 'sourceId', 'sourceType', 'ingestTime', 'data'],
  adds: [],
  changelog: { topic: topics.deviceStates, cleanup: 'compact' },
  open: (opening) => new WatchDevicesTask(opening),
};

class WatchDevicesTask implements StageTask {
  readonly #opening: StageOpening;
  readonly #cells: KeyedState<Cell>;
  /** As they are now; what is durable may be `saveSeenEveryMs` behind. By key, and by what `#agentKey` writes. */
  readonly #devices = new Map<string, Watched>();
  readonly #byAgent: ByteMap<Watched>;
  readonly #agentKey = new ByteWriter(256);
  readonly #field;
  #time = new StreamTime();
  #lookedMs = 0;
  #idle = true;

  constructor(opening: StageOpening) {
    this.#opening = opening;
    this.#cells = createKeyedState<Cell>({ clock: opening.clock });
    this.#byAgent = new ByteMap(opening.random.uint32());
    const field = (name: string) => opening.field(name);
    this.#field = {
      tenantId: field('tenantId'),
      deviceId: field('deviceId'),
      source: field('source'),
      sourceId: field('sourceId'),
      sourceType: field('sourceType'),
      ingestTime: field('ingestTime'),
      data: field('data'),
    };
  }

  process(record: RecordView): Outcome {
    this.#idle = false;
    this.#time.see(record.number(this.#field.ingestTime));
    if (!this.#isOfAgent(record)) return notOfAgent;
    const device = this.#watchedOf(record);
    this.#seen(device);
    const type = record.text(this.#field.sourceType);
    if (type === agentEventTypes.heartbeat) this.#heartbeat(device, record.text(this.#field.sourceId));
    if (type === agentEventTypes.device) this.#inventory(device, record.json(this.#field.data));
    return watched;
  }

  /** Whether the source is `/agents/<deviceId>`. Writes tenant and device to `#agentKey`: most records need no text. */
  #isOfAgent(record: RecordView): boolean {
    const key = this.#agentKey;
    key.length = 0;
    const tenant = record.range(this.#field.tenantId);
    key.block(tenant, tenant.start, tenant.end);
    key.latin1(agentPath);
    const deviceAt = key.length;
    const device = record.range(this.#field.deviceId);
    key.block(device, device.start, device.end);
    if (key.length === deviceAt) return false;
    const source = record.range(this.#field.source);
    const sourceAt = deviceAt - agentPath.length;
    const length = key.length - sourceAt;
    return (
      source.end - source.start === length && areEqual(key.target, sourceAt, source, source.start, length)
    );
  }

  /** The device whose key `#isOfAgent` wrote: known, or new. */
  #watchedOf(record: RecordView): Watched {
    const { target, length } = this.#agentKey;
    const known = this.#byAgent.get(target, 0, length);
    if (known !== undefined) return known;
    const key = JSON.stringify([record.text(this.#field.tenantId), record.text(this.#field.deviceId)]);
    const device = this.#devices.get(key) ?? this.#born(key);
    this.#byAgent.set(target, 0, length, device);
    return device;
  }

  onWatermark(): void {
    if (this.#idle) this.#time.see(this.#opening.clock.nowMs());
    this.#idle = true;
    if (this.#time.nowMs - this.#lookedMs < lookEveryMs) return;
    this.#lookedMs = this.#time.nowMs;
    this.#cells.put(timeKey, this.#time.state);
    for (const device of this.#devices.values()) {
      const silentMs = this.#time.nowMs - device.seenMs;
      const { state } = device.life;
      if (silentMs > offlineAfterMs) {
        if (state !== 'offline')
          this.#tell(device, { state: 'offline' }, 'offline', silence(device, silentMs));
      } else if (silentMs > lateAfterMs && state === 'online') {
        this.#tell(device, { state: 'late' }, 'late', silence(device, silentMs));
      }
    }
  }

  changes(): readonly RecordInput[] {
    return this.#cells.changes();
  }

  restore(record: StreamRecord): void {
    this.#cells.restore(record);
    const cell = this.#cells.get(record.key);
    if (record.key === timeKey) this.#time = new StreamTime(cell as StreamTimeState);
    else if (record.key.startsWith('life/')) {
      const life = cell as Life;
      const key = record.key.slice('life/'.length);
      // It may have been seen until the next time that this would have been made durable.
      const seenMs = life.seenMs + saveSeenEveryMs;
      this.#devices.set(key, { key, life, seenMs, seenWallMs: life.seenWallMs });
    }
  }

  #born(key: string): Watched {
    const { nowMs, wallMs } = this.#time.state;
    const life: Life = { state: 'online', seenMs: nowMs, seenWallMs: wallMs, events: 0, runs: {} };
    const device = { key, life, seenMs: nowMs, seenWallMs: wallMs };
    this.#devices.set(key, device);
    this.#tell(device, {}, 'registered', {});
    this.#tell(device, {}, 'online', {});
    return device;
  }

  #seen(device: Watched): void {
    const { nowMs, wallMs } = this.#time;
    const { seenMs: beforeMs, life } = device;
    const since = life.state === 'online' ? undefined : silence(device, nowMs - beforeMs);
    device.seenMs = nowMs;
    device.seenWallMs = wallMs;
    if (since !== undefined) this.#tell(device, { state: 'online' }, 'online', since);
    else if (nowMs - life.seenMs >= saveSeenEveryMs) this.#keep(device, {});
  }

  #heartbeat(device: Watched, id: string): void {
    const { life } = device;
    const { nowMs } = this.#time;
    const { runs, cloned } = seeRun(life.runs, id, nowMs);
    if (runs === life.runs) return;
    const told = life.clonedMs !== undefined && nowMs - life.clonedMs < clonedEveryMs;
    if (cloned && !told) {
      const message = 'two agents with its identity report in turns; give each machine one of its own';
      this.#tell(device, { runs, clonedMs: nowMs }, 'cloned', { outcome: 'failure', message });
    } else this.#keep(device, { runs });
  }

  #inventory(device: Watched, value: unknown): void {
    const { key } = device;
    const inventory = (value as { data?: unknown } | null)?.data;
    if (typeof inventory !== 'object' || inventory === null) return;
    const known = this.#cells.get(`inventory/${key}`) as { inventory: unknown } | undefined;
    const changes = known === undefined ? [] : inventoryChanges(known.inventory, inventory);
    if (known !== undefined && changes.length === 0) return;
    const hostname: unknown = (inventory as { hostname?: unknown }).hostname;
    this.#cells.put(`inventory/${key}`, { name: typeof hostname === 'string' ? hostname : '', inventory });
    if (changes.length === 0) return;
    this.#tell(device, {}, 'changed', { message: changesText(changes), row: { changes } });
  }

  /** Keeps the device's life with these changes, and that it was seen. */
  #keep(device: Watched, changes: Partial<Life>): void {
    const { seenMs, seenWallMs } = device;
    device.life = { ...device.life, ...changes, seenMs, seenWallMs };
    this.#cells.put(`life/${device.key}`, device.life);
  }

  /** Emits an event of the device and keeps what it says. */
  #tell(device: Watched, changes: Partial<Life>, word: LifeWord, facts: Partial<ToolEventData>): void {
    const { key, life } = device;
    const [tenantId = '', deviceId = ''] = JSON.parse(key) as string[];
    const { wallMs } = this.#time;
    const source = lifeSourcePrefix + deviceId;
    const sourceId = String(life.events);
    const { name } = (this.#cells.get(`inventory/${key}`) as { name?: string } | undefined) ?? {};
    const shown = { agentId: deviceId, name: name === undefined || name === '' ? deviceId : name };
    const { row = {}, ...rest } = facts;
    this.#opening.emit({
      key: rawKey(tenantId, source),
      eventTimeMs: wallMs,
      fields: {
        specVersion: '1.0',
        sourceId,
        source,
        sourceType: `${lifeTypePrefix}${word}`,
        time: new Date(wallMs).toISOString(),
        contentType: 'application/json',
        tenantId,
        deviceId,
        eventId: eventIdOf(tenantId, source, sourceId),
        ingestTime: this.#opening.clock.nowMs(),
        data: toStorableJson({ device: shown, ...rest, row }),
      },
    });
    this.#keep(device, { ...changes, events: life.events + 1 });
  }
}

/** How long nothing came, and since when. */
function silence(device: Watched, silentMs: number): Partial<ToolEventData> {
  return {
    message: `no sign of life for ${Math.round(silentMs / 1000)} s`,
    row: { lastSeen: new Date(device.seenWallMs).toISOString() },
  };
}
