import { offlineAfterMs } from '../contracts/device.ts';
import { eventIdOf } from '../contracts/event-id.ts';
import { agentEventTypes } from '../contracts/event.ts';
import { toStorableJson } from '../contracts/storable-json.ts';
import { rawKey, topics } from '../contracts/topics.ts';
import { createKeyedState, type KeyedState } from '../streams/keyed-state.ts';
import type { RecordInput } from '../streams/record-batch.ts';
import type { RecordView, StreamRecord } from '../streams/record.ts';
import { drop, type Outcome, type Stage, type StageOpening, type StageTask } from '../streams/stage.ts';
import { StreamTime, type StreamTimeState } from '../streams/stream-time.ts';
import type { ToolEventData } from './decoders/decoded.ts';
import { changesText, inventoryChanges } from './inventory-changes.ts';
import { type SeenRuns, seeRun } from './seen-runs.ts';

/** A device is late after one heartbeat of 60 s that did not come, and some slack. */
export const lateAfterMs = 75_000;
/** How often it is made durable that a device was seen. */
const saveSeenEveryMs = 30_000;
const lookEveryMs = 1_000;
const timeKey = 'time';

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

type Cell = Life | StreamTimeState | { readonly name: string; readonly inventory: unknown };
type Word = 'registered' | 'online' | 'late' | 'offline' | 'cloned' | 'changed';

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
  /** As they are now; what is durable may be `saveSeenEveryMs` behind. */
  readonly #lives = new Map<string, Life>();
  readonly #field;
  #time = new StreamTime();
  #lookedMs = 0;
  #idle = true;

  constructor(opening: StageOpening) {
    this.#opening = opening;
    this.#cells = createKeyedState<Cell>({ clock: opening.clock });
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
    const deviceId = record.text(this.#field.deviceId);
    if (deviceId === '' || record.text(this.#field.source) !== `/agents/${deviceId}`) return notOfAgent;
    const key = JSON.stringify([record.text(this.#field.tenantId), deviceId]);
    this.#seen(key);
    const type = record.text(this.#field.sourceType);
    if (type === agentEventTypes.heartbeat) this.#heartbeat(key, record.text(this.#field.sourceId));
    if (type === agentEventTypes.device) this.#inventory(key, record.json(this.#field.data));
    return watched;
  }

  onWatermark(): void {
    if (this.#idle) this.#time.see(this.#opening.clock.nowMs());
    this.#idle = true;
    if (this.#time.nowMs - this.#lookedMs < lookEveryMs) return;
    this.#lookedMs = this.#time.nowMs;
    this.#cells.put(timeKey, this.#time.state);
    for (const [key, life] of this.#lives) {
      const silentMs = this.#time.nowMs - life.seenMs;
      if (silentMs > offlineAfterMs) {
        if (life.state !== 'offline')
          this.#tell(key, { ...life, state: 'offline' }, 'offline', silence(life, silentMs));
      } else if (silentMs > lateAfterMs && life.state === 'online') {
        this.#tell(key, { ...life, state: 'late' }, 'late', silence(life, silentMs));
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
      // It may have been seen until the next time that this would have been made durable.
      this.#lives.set(record.key.slice('life/'.length), { ...life, seenMs: life.seenMs + saveSeenEveryMs });
    }
  }

  #seen(key: string): void {
    const { nowMs, wallMs } = this.#time.state;
    const life = this.#lives.get(key);
    if (life === undefined) {
      const born: Life = { state: 'online', seenMs: nowMs, seenWallMs: wallMs, events: 0, runs: {} };
      this.#tell(key, this.#tell(key, born, 'registered', {}), 'online', {});
      return;
    }
    const seen: Life = { ...life, seenMs: nowMs, seenWallMs: wallMs };
    if (life.state !== 'online') {
      this.#tell(key, { ...seen, state: 'online' }, 'online', silence(life, nowMs - life.seenMs));
      return;
    }
    this.#lives.set(key, seen);
    const saved = this.#cells.get(`life/${key}`) as Life | undefined;
    if (saved === undefined || nowMs - saved.seenMs >= saveSeenEveryMs) this.#cells.put(`life/${key}`, seen);
  }

  #heartbeat(key: string, id: string): void {
    const life = this.#lives.get(key);
    if (life === undefined) return;
    const { nowMs } = this.#time;
    const { runs, cloned } = seeRun(life.runs, id, nowMs);
    if (runs === life.runs) return;
    const told = life.clonedMs !== undefined && nowMs - life.clonedMs < clonedEveryMs;
    if (cloned && !told) {
      const message = 'two agents with its identity report in turns; give each machine one of its own';
      this.#tell(key, { ...life, runs, clonedMs: nowMs }, 'cloned', { outcome: 'failure', message });
    } else this.#keep(key, { ...life, runs });
  }

  #inventory(key: string, value: unknown): void {
    const inventory = (value as { data?: unknown } | null)?.data;
    if (typeof inventory !== 'object' || inventory === null) return;
    const known = this.#cells.get(`inventory/${key}`) as { inventory: unknown } | undefined;
    const changes = known === undefined ? [] : inventoryChanges(known.inventory, inventory);
    if (known !== undefined && changes.length === 0) return;
    const hostname: unknown = (inventory as { hostname?: unknown }).hostname;
    this.#cells.put(`inventory/${key}`, { name: typeof hostname === 'string' ? hostname : '', inventory });
    const life = this.#lives.get(key);
    if (life === undefined || changes.length === 0) return;
    this.#tell(key, life, 'changed', { message: changesText(changes), row: { changes } });
  }

  #keep(key: string, life: Life): Life {
    this.#lives.set(key, life);
    this.#cells.put(`life/${key}`, life);
    return life;
  }

  /** Emits an event of the device and keeps what it says. */
  #tell(key: string, life: Life, word: Word, facts: Partial<ToolEventData>): Life {
    const [tenantId = '', deviceId = ''] = JSON.parse(key) as string[];
    const { wallMs } = this.#time.state;
    const source = `/devices/${deviceId}`;
    const sourceId = String(life.events);
    const { name } = (this.#cells.get(`inventory/${key}`) as { name?: string } | undefined) ?? {};
    const device = { agentId: deviceId, name: name === undefined || name === '' ? deviceId : name };
    const { row = {}, ...rest } = facts;
    this.#opening.emit({
      key: rawKey(tenantId, source),
      eventTimeMs: wallMs,
      fields: {
        specVersion: '1.0',
        sourceId,
        source,
        sourceType: `openframe.device.${word}`,
        time: new Date(wallMs).toISOString(),
        contentType: 'application/json',
        tenantId,
        deviceId,
        eventId: eventIdOf(tenantId, source, sourceId),
        ingestTime: this.#opening.clock.nowMs(),
        data: toStorableJson({ device, ...rest, row }),
      },
    });
    return this.#keep(key, { ...life, events: life.events + 1 });
  }
}

/** How long nothing came, and since when. */
function silence(life: Life, silentMs: number): Partial<ToolEventData> {
  return {
    message: `no sign of life for ${Math.round(silentMs / 1000)} s`,
    row: { lastSeen: new Date(life.seenWallMs).toISOString() },
  };
}
