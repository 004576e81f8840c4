import { topics } from '../contracts/topics.ts';
import { createKeyedState, type KeyedState } from '../streams/keyed-state.ts';
import type { RecordInput } from '../streams/record-batch.ts';
import type { Field, RecordView, StreamRecord } from '../streams/record.ts';
import { drop, emit, type Outcome, type Stage, type StageOpening, type StageTask } from '../streams/stage.ts';
import type { ToolEventData } from './decoders/decoded.ts';
import type { PlacedLink } from './place-event.ts';

export interface JoinOptions {
  /** How long an event that names a device waits for the row that says which, in the platform's time. */
  readonly latenessMs: number;
  /** How long a half is remembered, so that what comes later still completes it. */
  readonly rememberMs: number;
}

/** The device that a link stands for: by the tool's id, and ours where it is linked. */
interface LinkedDevice {
  readonly agentId: string;
  readonly tenantId?: string;
  readonly deviceId?: string;
}

/** A placed event as it waits. */
interface WaitingEvent {
  readonly key: string;
  readonly eventTimeMs: number;
  readonly fields: Readonly<Record<string, string | number>>;
}

/** One half of a join, or both. */
interface Half {
  readonly event?: WaitingEvent;
  /** The event went on without its device. */
  readonly sent?: boolean;
  readonly device?: LinkedDevice;
  readonly sinceMs: number;
}

const waiting = drop('waits for its device');
const joined = drop('joined');
const linked = drop('linked');

/** The fields of a placed event that go on with it. */
const carriedFields = [
  'specVersion',
  'sourceId',
  'source',
  'sourceType',
  'time',
  'contentType',
  'tenantId',
  'deviceId',
  'eventId',
  'ingestTime',
  'toolType',
  'userId',
  'replay',
  'replays',
] as const;

/**
 * Joins an event with the row that says which device it is about, whichever comes first. An event that names a
 * device waits for that row up to `latenessMs`, counted from when it arrived: a connector that catches up brings
 * hours within seconds, so event time would say nothing of how long to wait. Then it goes on without its device;
 * where the row comes later still, the event is sent again with it, marked as back-filled.
 */
export function joinDevice(options: JoinOptions): Stage {
  return {
    name: 'join-device',
    reads: [...carriedFields, 'joinKey', 'awaitsDevice', 'data'],
    adds: [],
    changelog: { topic: topics.toolJoins, cleanup: 'compact' },
    open: (opening) => new JoinDeviceTask(options, opening),
  };
}

class JoinDeviceTask implements StageTask {
  readonly #options: JoinOptions;
  readonly #opening: StageOpening;
  readonly #halves: KeyedState<Half>;
  readonly #fields: readonly (readonly [name: string, field: Field])[];
  readonly #field;
  #nextScanMs = 0;

  constructor(options: JoinOptions, opening: StageOpening) {
    this.#options = options;
    this.#opening = opening;
    this.#halves = createKeyedState<Half>({ clock: opening.clock });
    this.#fields = carriedFields.map((name) => [name, opening.field(name)] as const);
    this.#field = {
      joinKey: opening.field('joinKey'),
      awaitsDevice: opening.field('awaitsDevice'),
      eventId: opening.field('eventId'),
      replay: opening.field('replay'),
      data: opening.field('data'),
    };
  }

  process(record: RecordView): Outcome {
    if (!record.has(this.#field.joinKey)) return emit;
    const joinKey = record.text(this.#field.joinKey);
    if (record.has(this.#field.eventId)) return this.#event(joinKey, record);
    return this.#link(joinKey, record);
  }

  onWatermark(): void {
    const nowMs = this.#opening.clock.nowMs();
    if (nowMs < this.#nextScanMs) return;
    this.#nextScanMs = nowMs + Math.min(1000, this.#options.latenessMs);
    for (const [key, half] of this.#halves.entries()) {
      const ageMs = nowMs - half.sinceMs;
      if (half.event !== undefined && half.sent !== true && ageMs >= this.#options.latenessMs) {
        this.#send(half.event, undefined, 'missing');
        this.#halves.put(key, { ...half, sent: true });
      } else if (ageMs >= this.#options.rememberMs) this.#halves.delete(key);
    }
  }

  changes(): readonly RecordInput[] {
    return this.#halves.changes();
  }

  restore(record: StreamRecord): void {
    this.#halves.restore(record);
  }

  #event(joinKey: string, record: RecordView): Outcome {
    const known = this.#halves.get(joinKey);
    const event = this.#waitingEvent(record);
    if (known?.device !== undefined) {
      this.#send(event, known.device, 'joined');
      return joined;
    }
    if (known?.event !== undefined && known.sent !== true) return waiting;
    const half = { event, sinceMs: known?.sinceMs ?? this.#opening.clock.nowMs() };
    // What is replayed has waited.
    if (
      record.text(this.#field.awaitsDevice) === 'true' &&
      known === undefined &&
      !record.has(this.#field.replay)
    ) {
      this.#halves.put(joinKey, half);
      return waiting;
    }
    this.#halves.put(joinKey, { ...half, sent: true });
    this.#send(event, undefined);
    return joined;
  }

  #link(joinKey: string, record: RecordView): Outcome {
    const known = this.#halves.get(joinKey);
    const device = this.#deviceOf(record);
    this.#halves.put(joinKey, { device, sinceMs: known?.sinceMs ?? this.#opening.clock.nowMs() });
    if (known?.event !== undefined)
      this.#send(known.event, device, known.sent === true ? 'back-filled' : 'joined');
    return linked;
  }

  #deviceOf(record: RecordView): LinkedDevice {
    const { agentId } = record.json(this.#field.data) as PlacedLink;
    const given = Object.fromEntries(
      this.#fields
        .filter(([name, field]) => (name === 'tenantId' || name === 'deviceId') && record.has(field))
        .map(([name, field]) => [name, record.text(field)]),
    );
    return { agentId, ...given };
  }

  #waitingEvent(record: RecordView): WaitingEvent {
    const fields: Record<string, string | number> = { data: record.text(this.#field.data) };
    for (const [name, field] of this.#fields) {
      if (!record.has(field)) continue;
      fields[name] = name === 'ingestTime' ? record.number(field) : record.text(field);
    }
    return { key: record.key, eventTimeMs: record.eventTimeMs, fields };
  }

  #send(event: WaitingEvent, device: LinkedDevice | undefined, how?: ToolEventData['deviceJoin']): void {
    const { data, ...fields } = event.fields;
    const ours = device?.tenantId === fields['tenantId'] ? device?.deviceId : undefined;
    this.#opening.emit({
      key: event.key,
      eventTimeMs: event.eventTimeMs,
      fields: {
        ...fields,
        ...(ours === undefined ? {} : { deviceId: ours }),
        ...(how === 'back-filled' ? { replay: `back-filled/${event.key}`, completes: 'true' } : {}),
        data: how === undefined ? String(data) : completed(String(data), device?.agentId, how),
      },
    });
  }
}

function completed(
  json: string,
  agentId: string | undefined,
  deviceJoin: NonNullable<ToolEventData['deviceJoin']>,
): string {
  const { row, ...data } = JSON.parse(json) as ToolEventData;
  const device = agentId === undefined ? data.device : { ...data.device, agentId };
  return JSON.stringify({ ...data, ...(device === undefined ? {} : { device }), deviceJoin, row });
}
