import type { ToolType } from '../contracts/event.ts';

/** The tools that can be read without a change stream of their database. */
export const connectorKinds = ['fleet', 'meshcentral', 'tactical'] as const;
export type ConnectorKind = (typeof connectorKinds)[number];

/** What each is called in events. */
export const toolOfKind: Readonly<Record<ConnectorKind, ToolType>> = {
  fleet: 'FLEET_MDM',
  meshcentral: 'MESHCENTRAL',
  tactical: 'TACTICAL_RMM',
};

/** One event as the tool gave it. */
export interface ToolReading {
  /** The header `message-type`: how the value is written (`enrichers/decoders/formats.ts`). */
  readonly messageType: string;
  /** The tool's own name for it, unique in one server: the same again is the same event. */
  readonly id: string;
  /** Milliseconds since the epoch, by the tool's clock. */
  readonly timeMs: number;
  /** What becomes JSON: the tool's own fields below `row`. */
  readonly value: { readonly row: unknown; readonly [member: string]: unknown };
}

/** Some events, and where to go on once all of them are durable. */
export interface ToolPage {
  /** Oldest first; empty where only the cursor moves. */
  readonly readings: readonly ToolReading[];
  /** JSON, stored after the events were. Absent where the cursor stays, since older events are still to come. */
  readonly cursor?: object;
  /** Events that the tool can no longer give, or will not: told to people. */
  readonly remark?: string;
}

/** Whom a tool takes us for. */
export interface ToolAccount {
  readonly account: string;
  /** What it may not see, one sentence each; empty where it sees all. */
  readonly remarks: readonly string[];
}

/**
 * Reads the events of one server of a tool. Every method throws `TOOL_REFUSED` where a person must act (a wrong
 * password, a certificate, missing rights, an address that is another program's) and a retryable `TOOL_UNAVAILABLE`
 * where it passes by itself, with `details.retryAfterMs` where the tool says when. What a tool sends is hostile: its
 * size, depth and shape are checked before it is kept.
 */
export interface ToolReader extends AsyncDisposable {
  /** Signs in, and reads a little of what `read` would. Called when the connector is added. */
  check(signal: AbortSignal): Promise<ToolAccount>;
  /**
   * Everything after the cursor (null: from `sinceMs` on) that the tool has now, then ends. Events may come a second
   * time, never too few. Called again and again, one call at a time.
   */
  read(cursor: unknown, signal: AbortSignal): AsyncIterable<ToolPage>;
  /** Resolves when there may be something new, at the latest after `maxWaitMs` or when the signal aborts. */
  changed(maxWaitMs: number, signal: AbortSignal): Promise<void>;
}

/** What every reader is made from. */
export interface ReaderOptions {
  /** The server's address, `https://…`; plain `http` for loopback alone. */
  readonly url: string;
  /** Who signs in, where the secret does not say it. */
  readonly user: string;
  /** A password or an API key. */
  readonly secret: string;
  /** Certificates (PEM) to trust besides the machine's. */
  readonly ca?: string;
  /** Events before are not asked for. */
  readonly sinceMs: number;
}
