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

/** The device that a tool's agent is, and those that it was. */
export interface LinkedDevice extends ToolDevice {
  readonly sinceMs: number;
  /** What it stood for before, newest first. */
  readonly history: readonly (ToolDevice & { readonly sinceMs: number; readonly untilMs: number })[];
}

/** A tool's id of a device, and the devices that it stood for. */
export interface ToolDeviceLink extends LinkedDevice {
  readonly tool: ToolType;
  readonly server: string;
  readonly agentId: string;
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
  /** The devices that a tool's agent is and was, for `deviceAt`; null where it was never linked. */
  device(identity: ToolIdentity, agentId: string): Promise<LinkedDevice | null>;
  /**
   * Links, or moves a link to another device, keeping what it was before; unchanged where it is the same. Events that
   * were stored before then wait for their device: see `pendingLinks`.
   */
  link(identity: ToolIdentity, agentId: string, device: ToolDevice): Promise<ToolDeviceLink>;
  /** Links whose earlier events may still lack the device. */
  pendingLinks(limit: number): Promise<readonly ToolDeviceLink[]>;
  /** The earlier events of this link, as it was given, have their device. */
  settleLink(link: ToolDeviceLink): Promise<void>;
  /** Links of one tenant, in ascending order of their ids. */
  links(
    scope: TenantScope,
    options: { readonly limit: number; readonly afterId?: string },
  ): Promise<readonly ToolDeviceLink[]>;
}

const connectionsCollection = 'tool_connections';
const linksCollection = 'tool_device_links';
/** Which links are not settled: ids as of the links, and when each was made. */
const pendingCollection = 'tool_pending_links';
/** A link is made right after it is put down as pending. */
const makingMs = 60_000;
interface PendingLink {
  readonly id: string;
  readonly sinceMs: number;
}

const maxHistory = 100;

/**
 * The device that a link stood for at a moment: what it is now, from when it was made on, and before that what it was
 * then. The first device takes also what is older than its link: nobody else can have been it.
 */
export function deviceAt(link: LinkedDevice, atMs: number): ToolDevice {
  const then =
    atMs >= link.sinceMs ? link : (link.history.find((one) => atMs >= one.sinceMs) ?? link.history.at(-1));
  const { tenantId, deviceId } = then ?? link;
  return { tenantId, deviceId };
}

export interface ToolDirectoryDeps {
  readonly documents: DocumentStore;
  readonly clock: Clock;
}

export function createToolDirectory(deps: ToolDirectoryDeps): ToolDirectory {
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
    device: readLink,
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
      const id = idOf(identity, agentId);
      // Before the link: a crash in between leaves too many pending ones, never too few.
      await documents.put(platformScope, pendingCollection, `${id}/${nowMs}`, { id, sinceMs: nowMs });
      await documents.put(platformScope, linksCollection, id, { ...link });
      return link;
    },
    pendingLinks: (limit) => pendingLinks(deps, limit),
    async settleLink({ tool, server, agentId, sinceMs }) {
      const id = `${idOf({ tool, server }, agentId)}/${sinceMs}`;
      await documents.delete(platformScope, pendingCollection, id);
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

async function pendingLinks(
  { documents, clock }: ToolDirectoryDeps,
  limit: number,
): Promise<readonly ToolDeviceLink[]> {
  const pending = await documents.list<PendingLink>(platformScope, pendingCollection, { limit });
  const links: ToolDeviceLink[] = [];
  for (const { id, document } of pending) {
    const link = await documents.get<ToolDeviceLink>(platformScope, linksCollection, document.id);
    if (link?.sinceMs === document.sinceMs) links.push(link);
    // It was moved since, or never made: then nothing waits for it.
    else if (clock.nowMs() - document.sinceMs > makingMs) {
      await documents.delete(platformScope, pendingCollection, id);
    }
  }
  return links;
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
