import type { MetricSample, ToolType } from '../../contracts/event.ts';

/** What became of what an event tells of; absent where it is not about something that may fail. */
/** `unchanged`: it says what was so before. */
export type ToolOutcome = 'success' | 'failure' | 'timeout' | 'canceled' | 'pending' | 'unchanged';

/** Who did it, by the tool's own id and name. */
export interface ToolActor {
  readonly id?: string;
  readonly name?: string;
}

/** What stands in `data` of every event of a tool. */
export interface ToolEventData {
  readonly actor?: ToolActor;
  /** The device by the tool's id of it and the name that the tool shows. */
  readonly device?: { readonly agentId?: string; readonly name?: string };
  /** What it was done to or with: a policy, a script, a query, a user. */
  readonly target?: string;
  readonly outcome?: ToolOutcome;
  /** The tool's own sentence, an error, or the first line of what a program printed. */
  readonly message?: string;
  /** How severe the source calls a log line, in the words of OpenTelemetry's log data model. */
  readonly severityText?: string;
  /** What was measured, read as the samples of an agent are. */
  readonly samples?: readonly MetricSample[];
  /** How the device was found, where it came in a row of its own. */
  readonly deviceJoin?: 'joined' | 'missing' | 'back-filled';
  /** The tool's own fields, JSON in strings parsed. */
  readonly row: unknown;
}

/** One event of a tool, before it is known whose it is. */
export interface ToolEvent {
  readonly tool: ToolType;
  /** The tool's server: which connection it came by. Empty where the value does not say. */
  readonly server: string;
  /** What of the server it comes from, such as `activities` or `hosts/17`: never depends on a join. */
  readonly path: string;
  /** Names the event within `path`: the same again is the same event. */
  readonly id: string;
  /** The tool's own word for what happened. */
  readonly sourceType: string;
  /** Milliseconds since the epoch, by the tool's clock. */
  readonly timeMs: number;
  /** Mesh domain, Fleet team or Tactical client; null where the row does not say. */
  readonly scope: string | null;
  /** Set where the device may come in a row of its own: both halves carry the same key. */
  readonly joinKey?: string;
  /** The event names a device without the tool's id of it, so that row must come. */
  readonly awaitsDevice?: boolean;
  /** Settings of the server that it says whole: a digest of the value by the setting's name. */
  readonly sets?: Readonly<Record<string, string>>;
  /** Beginnings of names of settings that it changes without saying to what. */
  readonly unsets?: readonly string[];
  readonly data: ToolEventData;
}

/** The other half of an event with `joinKey`: its device. */
export interface DeviceLink {
  readonly tool: ToolType;
  readonly server: string;
  readonly joinKey: string;
  readonly agentId: string;
}

/** What a decoder makes of bytes. Decoders never throw. */
export type Decoded =
  | { readonly kind: 'events'; readonly events: readonly ToolEvent[] }
  | { readonly kind: 'link'; readonly link: DeviceLink }
  /** There is no event in it, and that is as it should be: counted under `reason`. */
  | { readonly kind: 'nothing'; readonly reason: string }
  /** It cannot be decoded: `reason` is a stable name, `detail` says more. Goes to the dead letters. */
  | { readonly kind: 'refused'; readonly reason: string; readonly detail?: string };

/** What a decoder is given: pure input, so that the same input gives the same answer. */
export interface DecoderInput {
  /** The value as it came; null is a tombstone. */
  readonly bytes: Uint8Array | null;
  /** When it reached the log or the door: for formats whose own time is missing. */
  readonly receivedMs: number;
  /** Which connection it came by, where that is known from outside the value. */
  readonly connection: string;
}

export type Decoder = (input: DecoderInput) => Decoded;

export const nothing = (reason: string): Decoded => ({ kind: 'nothing', reason });

export const refused = (reason: string, detail?: string): Decoded => ({
  kind: 'refused',
  reason,
  ...(detail === undefined ? {} : { detail }),
});

export const one = (event: ToolEvent): Decoded => ({ kind: 'events', events: [event] });
