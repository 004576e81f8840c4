import type { RecordView } from '../streams/record.ts';
import {
  deadLetter,
  drop,
  type Outcome,
  type Stage,
  type StageOpening,
  type StageTask,
} from '../streams/stage.ts';
import { serverOf } from './decoders/debezium.ts';
import type { Decoded, DeviceLink, ToolEvent } from './decoders/decoded.ts';
import { formatOf } from './decoders/formats.ts';
import { faultOf, storable } from './tool-event-limits.ts';

/** What a record of `telemetry.tools.v1` holds. */
export type ToolRecord =
  | { readonly kind: 'event'; readonly event: ToolEvent }
  | { readonly kind: 'link'; readonly link: DeviceLink };

const decoded = drop('decoded');

/**
 * Decodes records of tools' topics by the one table of formats. Each event, and each half of a join, becomes a
 * record keyed so that what belongs together meets in one partition. What holds no event is dropped under its
 * reason; what cannot be decoded goes to the dead letters under its own.
 */
export const decodeTools: Stage = {
  name: 'decode-tools',
  reads: ['messageType', 'contentType', 'connection', 'value', 'replay', 'replays'],
  adds: [],
  open: (opening) => new DecodeToolsTask(opening),
};

class DecodeToolsTask implements StageTask {
  readonly #opening: StageOpening;
  readonly #messageType;
  readonly #contentType;
  readonly #connection;
  readonly #replay;
  readonly #replays;

  constructor(opening: StageOpening) {
    this.#opening = opening;
    this.#messageType = opening.field('messageType');
    this.#contentType = opening.field('contentType');
    this.#connection = opening.field('connection');
    this.#replay = opening.field('replay');
    this.#replays = opening.field('replays');
  }

  process(record: RecordView): Outcome {
    const connection = record.text(this.#connection);
    if (connection !== '') this.#opening.sentBy(connection);
    const format = formatOf(record.topic, record.text(this.#messageType), record.text(this.#contentType));
    if (format === undefined)
      return deadLetter('FORMAT_UNKNOWN: set the header message-type or content-type');
    const value = record.valueRange();
    const bytes = value === null ? null : value.bytes.subarray(value.start, value.end);
    const result = format.decode({ bytes, receivedMs: record.eventTimeMs, connection });
    if (connection === '') this.#saySender(record, result, bytes);
    switch (result.kind) {
      case 'nothing':
        return drop(result.reason);
      case 'refused':
        return deadLetter(`${result.reason}: ${format.name}`, result.detail && new Error(result.detail));
      case 'link':
        this.#emitLink(record, result.link);
        return decoded;
      case 'events':
        return this.#emitAll(record, format.name, result.events);
    }
  }

  /** What holds no event says nothing of its sender; what is unreadable says at least by which topic it came. */
  #saySender(record: RecordView, result: Decoded, bytes: Uint8Array | null): void {
    if (result.kind === 'nothing') return;
    const server = senderOf(result, bytes);
    this.#opening.sentBy(server === '' ? record.topic : server);
  }

  /** All or nothing: a value that is replayed must not bring some of its events twice. */
  #emitAll(record: RecordView, format: string, events: readonly ToolEvent[]): Outcome {
    const values: string[] = [];
    for (const event of events) {
      const fault = faultOf(event, record.eventTimeMs);
      if (fault !== null) return deadLetter(`${fault}: ${format}`);
      const value = storable({ kind: 'event', event } satisfies ToolRecord);
      if (value === null) return deadLetter(`EVENT_TOO_LARGE: ${format}`);
      values.push(value);
    }
    for (const [i, event] of events.entries()) {
      this.#emit(record, keyOf(event, event.joinKey ?? event.path), event.timeMs, values[i] ?? '');
    }
    return decoded;
  }

  #emitLink(record: RecordView, link: DeviceLink): void {
    const value = JSON.stringify({ kind: 'link', link } satisfies ToolRecord);
    this.#emit(record, keyOf(link, link.joinKey), record.eventTimeMs, value);
  }

  #emit(record: RecordView, key: string, eventTimeMs: number, value: string): void {
    const carried = (name: string, field: ReturnType<StageOpening['field']>): Record<string, string> =>
      record.has(field) ? { [name]: record.text(field) } : {};
    this.#opening.emit({
      key,
      eventTimeMs,
      fields: {
        ingestTime: this.#opening.clock.nowMs(),
        ...carried('replay', this.#replay),
        ...carried('replays', this.#replays),
        value,
      },
    });
  }
}

/** The server that a value names; empty where it names none. */
function senderOf(result: Decoded, bytes: Uint8Array | null): string {
  if (result.kind === 'events') return result.events[0]?.server ?? '';
  return result.kind === 'link' ? result.link.server : serverOf(bytes);
}

function keyOf({ tool, server }: { readonly tool: string; readonly server: string }, rest: string): string {
  return `${tool}/${server}/${rest}`;
}
