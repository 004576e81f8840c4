import type { ToolType } from '../contracts/event.ts';
import type { TenantScope } from '../contracts/tenant.ts';
import type { Clock } from '../streams/clock.ts';
import { type DocumentStore, platformScope } from './documents.ts';

/** A tool's server that events come from, and whose they are. */
export interface ToolConnection {
  readonly tool: ToolType;
  /** The connector's name of the server (Debezium: `topic.prefix`), or the header `connection`. */
  readonly server: string;
  /** Whose all of its events are; null where the scopes alone decide. */
  readonly tenantId: string | null;
  /** Mesh domain, Fleet team or Tactical client to tenant. */
  readonly scopes: Readonly<Record<string, string>>;
}

/** One device under a tool's own id of it. */
export interface ToolDevice {
  readonly tenantId: string;
  readonly deviceId: string;
}

/** A tool's id of a device, and the devices that it stood for. */
export interface ToolDeviceLink extends ToolDevice {
  readonly tool: ToolType;
  readonly server: string;
  readonly agentId: string;
  readonly sinceMs: number;
  /** What it stood for before, newest first. */
  readonly history: readonly (ToolDevice & { readonly sinceMs: number; readonly untilMs: number })[];
}

export interface ToolIdentity {
  readonly tool: ToolType;
  readonly server: string;
}

/** Which tools are connected, whose their events are, and which of our devices their agents are. */
export interface ToolDirectory {
  /** Null where nobody has said whose events of this server are. */
  connection(identity: ToolIdentity): Promise<ToolConnection | null>;
  connections(): Promise<readonly ToolConnection[]>;
  /** Adds or replaces; resolves when durable. */
  connect(connection: ToolConnection): Promise<void>;
  /** False where there was none. Its events go to the dead letters from then on. */
  disconnect(identity: ToolIdentity): Promise<boolean>;
  /** The device that a tool's agent is now; null where it is not linked. */
  device(identity: ToolIdentity, agentId: string): Promise<ToolDevice | null>;
  /** Links, or moves a link to another device, keeping what it was before; unchanged where it is the same. */
  link(identity: ToolIdentity, agentId: string, device: ToolDevice): Promise<ToolDeviceLink>;
  /** Links of one tenant, in ascending order of their ids. */
  links(
    scope: TenantScope,
    options: { readonly limit: number; readonly afterId?: string },
  ): Promise<readonly ToolDeviceLink[]>;
}

const connectionsCollection = 'tool_connections';
const linksCollection = 'tool_device_links';
const maxHistory = 100;

export function createToolDirectory(deps: {
  readonly documents: DocumentStore;
  readonly clock: Clock;
}): ToolDirectory {
  const { documents, clock } = deps;
  const readLink = (identity: ToolIdentity, agentId: string): Promise<ToolDeviceLink | null> =>
    documents.get<ToolDeviceLink>(platformScope, linksCollection, idOf(identity, agentId));
  return {
    connection: (identity) =>
      documents.get<ToolConnection>(platformScope, connectionsCollection, idOf(identity)),
    async connections() {
      const found: ToolConnection[] = [];
      for await (const page of documents.scan<ToolConnection>(connectionsCollection)) {
        found.push(...page.map(({ document }) => document));
      }
      return found;
    },
    connect: (connection) =>
      documents.put(platformScope, connectionsCollection, idOf(connection), { ...connection }),
    disconnect: (identity) => documents.delete(platformScope, connectionsCollection, idOf(identity)),
    async device(identity, agentId) {
      const link = await readLink(identity, agentId);
      return link === null ? null : { tenantId: link.tenantId, deviceId: link.deviceId };
    },
    async link(identity, agentId, device) {
      const before = await readLink(identity, agentId);
      if (before?.deviceId === device.deviceId && before.tenantId === device.tenantId) return before;
      const nowMs = clock.nowMs();
      const link: ToolDeviceLink = {
        tool: identity.tool,
        server: identity.server,
        agentId,
        tenantId: device.tenantId,
        deviceId: device.deviceId,
        sinceMs: nowMs,
        history: before === null ? [] : [asHistory(before, nowMs), ...before.history].slice(0, maxHistory),
      };
      await documents.put(platformScope, linksCollection, idOf(identity, agentId), { ...link });
      return link;
    },
    async links(scope, options) {
      const match = { tenantId: scope.tenantId };
      const found = await documents.list<ToolDeviceLink>(platformScope, linksCollection, {
        ...options,
        match,
      });
      return found.map(({ document }) => document);
    },
  };
}

function asHistory(
  { tenantId, deviceId, sinceMs }: ToolDeviceLink,
  untilMs: number,
): ToolDeviceLink['history'][number] {
  return { tenantId, deviceId, sinceMs, untilMs };
}

/** Ids hold what tools call things: encoded, so that no two of them run together. */
function idOf({ tool, server }: ToolIdentity, ...rest: readonly string[]): string {
  return [tool, server, ...rest].map((part) => encodeURIComponent(part.toWellFormed())).join('/');
}
