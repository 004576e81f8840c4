import { z } from 'zod';

import { OpenFrameError } from '../contracts/errors.ts';
import { type DocumentStore, platformScope } from '../stores/documents.ts';
import type { SealedSecret } from './sealed-secret.ts';
import { connectorKinds } from './tool-reader.ts';

/** A connector's name: the tool, and what its server is called in events. */
export const connectorNameSchema = z.strictObject({
  kind: z.enum(connectorKinds),
  server: z
    .string()
    .min(1)
    .max(100)
    .regex(/^[A-Za-z0-9._:-]+$/, 'letters, digits, dot, colon, _ and -'),
});
export type ConnectorName = z.infer<typeof connectorNameSchema>;

/** A tool's server that is read. */
export interface Connector extends ConnectorName {
  readonly url: string;
  /** Empty where the secret says who it is. */
  readonly user: string;
  readonly secret: SealedSecret;
  readonly ca: string | null;
  readonly sinceMs: number;
  /** The longest pause between two readings. */
  readonly pollMs: number;
  /** When it was first connected: what was kept of an earlier one of that name is not believed. */
  readonly sinceConnectedMs: number;
  /** Grows when it is connected again: whoever runs it starts anew. */
  readonly revision: number;
}

/** How a connector is. */
export interface ConnectorState {
  /** `waiting`: it failed, and tries again by itself. */
  readonly state: 'starting' | 'reading' | 'waiting';
  readonly account: string | null;
  /** Events handed on since it was connected, those that came twice counted twice. */
  readonly events: number;
  readonly lastEventMs: number | null;
  /** When it last had read all that the tool had. */
  readonly caughtUpMs: number | null;
  readonly fault: { readonly code: string; readonly message: string } | null;
  readonly remark: string | null;
}

export const freshState: ConnectorState = {
  state: 'starting',
  account: null,
  events: 0,
  lastEventMs: null,
  caughtUpMs: null,
  fault: null,
  remark: null,
};

/** Which servers are read, how far, and how that goes. Documents of the platform; calls resolve when durable. */
export interface ConnectorRegistry {
  list(): Promise<readonly Connector[]>;
  get(name: ConnectorName): Promise<Connector | null>;
  /** Adds or replaces, and keeps how far it was read. */
  put(connector: Connector): Promise<void>;
  /** Forgets secret, cursor and state; false where there was none. */
  remove(name: ConnectorName): Promise<boolean>;
  /** JSON as the reader gave it; null at the beginning. */
  cursor(connector: Connector): Promise<unknown>;
  setCursor(connector: Connector, cursor: object): Promise<void>;
  state(connector: Connector): Promise<ConnectorState | null>;
  setState(connector: Connector, state: ConnectorState): Promise<void>;
}

const collection = {
  connectors: 'connectors',
  cursors: 'connector_cursors',
  states: 'connector_states',
} as const;

export function createConnectorRegistry(documents: DocumentStore): ConnectorRegistry {
  const get = <T extends object>(from: string, name: ConnectorName): Promise<T | null> =>
    documents.get<T>(platformScope, from, connectorId(name));
  const put = (to: string, name: ConnectorName, document: object): Promise<void> =>
    documents.put(platformScope, to, connectorId(name), document);
  const keep = (to: string, connector: Connector, value: object): Promise<void> =>
    put(to, connector, { of: connector.sinceConnectedMs, value });
  const kept = async <T>(from: string, connector: Connector): Promise<T | null> => {
    const found = await get<{ readonly of: number; readonly value: T }>(from, connector);
    return found?.of === connector.sinceConnectedMs ? found.value : null;
  };
  return {
    async list() {
      const found: Connector[] = [];
      for await (const page of documents.scan<Connector>(collection.connectors)) {
        found.push(...page.map(({ document }) => document));
      }
      return found;
    },
    get: (name) => get<Connector>(collection.connectors, name),
    put: (connector) => put(collection.connectors, connector, { ...connector }),
    async remove(name) {
      const id = connectorId(name);
      const removed = await documents.delete(platformScope, collection.connectors, id);
      await documents.delete(platformScope, collection.cursors, id);
      await documents.delete(platformScope, collection.states, id);
      return removed;
    },
    cursor: (connector) => kept(collection.cursors, connector),
    setCursor: (connector, cursor) => keep(collection.cursors, connector, cursor),
    state: (connector) => kept<ConnectorState>(collection.states, connector),
    setState: (connector, state) => keep(collection.states, connector, state),
  };
}

/** One text for a name: `fleet/fleet.example.com`. */
export function connectorId({ kind, server }: ConnectorName): string {
  return `${kind}/${server}`;
}

/** Throws `ARGUMENT_INVALID` for a name that cannot be. */
export function checkedName(name: ConnectorName): ConnectorName {
  const parsed = connectorNameSchema.safeParse(name);
  if (parsed.success) return parsed.data;
  throw new OpenFrameError(
    'ARGUMENT_INVALID',
    `A server's name has ${parsed.error.issues[0]?.message ?? 'another form'}.`,
  );
}
