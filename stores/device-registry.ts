import { type Device, type DeviceInventory, deviceStatuses, offlineAfterMs } from '../contracts/device.ts';
import type { TenantScope } from '../contracts/tenant.ts';
import type { Clock } from '../streams/clock.ts';
import type { DocumentStore, ScopedDocument } from './documents.ts';

/** The collection of device documents; ids are device ids. */
const devicesCollection = 'devices';

/** What was learnt of one device. Times in milliseconds since the epoch. */
export interface DeviceSighting {
  readonly tenantId: string;
  readonly deviceId: string;
  /** Event time of the newest event in what is saved. */
  readonly lastSeenMs: number;
  /** What the device said of itself at that time, where it did. */
  readonly inventory?: DeviceInventory;
}

export interface DeviceListOptions {
  readonly limit: number;
  /** Answers devices after this id. */
  readonly afterId?: string | undefined;
  readonly status?: Device['status'] | undefined;
  readonly organizationId?: string | undefined;
  /** Part of the device's id, host name or organization's name, in any case. */
  readonly search?: string | undefined;
}

/** `key` is null for devices of which the fact is not known. Most frequent first, then by key. */
export interface DeviceFacet {
  readonly key: string | null;
  readonly count: number;
}

export interface DeviceFacets {
  readonly status: readonly DeviceFacet[];
  readonly organizationId: readonly DeviceFacet[];
  readonly platform: readonly DeviceFacet[];
}

/** The devices of all tenants, kept in a `DocumentStore` and read from memory. */
export interface DeviceRegistry {
  /** One device; null where this tenant has none of that id. */
  get(scope: TenantScope, deviceId: string): Promise<Device | null>;
  /** In ascending order of device id (by UTF-16 code units), at most `limit`. */
  list(scope: TenantScope, options: DeviceListOptions): Promise<readonly Device[]>;
  /** How many devices there are by status, organization and operating system. */
  facets(scope: TenantScope): Promise<DeviceFacets>;
  /**
   * Merges what a batch of events told: first and last seen only ever widen, and an inventory replaces an
   * older one. Resolves when it is durable (one `putAll`); nothing shows before that. That a known device was
   * seen again is made durable every 10 s of its events: after a crash `lastSeen` may be so much older until
   * the next event.
   */
  save(sightings: readonly DeviceSighting[]): Promise<void>;
}

interface DeviceDocument {
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly inventory: DeviceInventory | null;
  /** Event time of the inventory. */
  readonly inventoryMs: number;
}

interface TenantDevices {
  readonly byId: Map<string, DeviceDocument>;
  /** The `lastSeenMs` of each device that the store has. */
  readonly storedMs: Map<string, number>;
  /** Ascending; null when a device came since it was made. */
  sortedIds: readonly string[] | null;
}

/** So old may be what a shared registry answers from memory. */
const refreshMs = 2_000;

/**
 * Reads all devices at the first call, and is from then on the only writer that it sees: one process that
 * saves and answers, as the embedded profile is. `shared`: other processes save as well; then what is answered
 * may be a few seconds old, and what is saved is merged with what the store has by then.
 */
export function createDeviceRegistry(deps: {
  readonly documents: DocumentStore;
  readonly clock: Clock;
  readonly shared?: boolean;
}): DeviceRegistry {
  const { documents, clock, shared = false } = deps;
  let loading: Promise<Map<string, TenantDevices>> | undefined;
  let loadedAtMs = 0;
  let saving: Promise<void> = Promise.resolve();
  const tenants = (): Promise<Map<string, TenantDevices>> => {
    if (loading === undefined) {
      loadedAtMs = clock.nowMs();
      loading = loadAll(documents).catch((error: unknown) => {
        loading = undefined;
        throw error;
      });
    }
    return loading;
  };
  const devicesOf = async (scope: TenantScope): Promise<TenantDevices> => {
    if (shared && clock.nowMs() - loadedAtMs >= refreshMs) loading = undefined;
    return (await tenants()).get(scope.tenantId) ?? { byId: new Map(), storedMs: new Map(), sortedIds: [] };
  };

  return {
    async get(scope, deviceId) {
      const document = (await devicesOf(scope)).byId.get(deviceId);
      return document === undefined ? null : toDevice(scope.tenantId, deviceId, document, clock.nowMs());
    },
    async list(scope, options) {
      return listDevices(await devicesOf(scope), scope.tenantId, options, clock.nowMs());
    },
    async facets(scope) {
      return facetsOf(await devicesOf(scope), clock.nowMs());
    },
    save(sightings) {
      // One after the other: each merges with what the one before made durable.
      const saved = saving.then(async () => saveAll(documents, await tenants(), sightings, shared));
      saving = saved.catch(() => undefined);
      return saved;
    },
  };
}

async function loadAll(documents: DocumentStore): Promise<Map<string, TenantDevices>> {
  const tenants = new Map<string, TenantDevices>();
  for await (const page of documents.scan<DeviceDocument>(devicesCollection)) {
    for (const { scope, id, document } of page) {
      const devices = tenantIn(tenants, scope.tenantId);
      devices.byId.set(id, document);
      devices.storedMs.set(id, document.lastSeenMs);
    }
  }
  return tenants;
}

function tenantIn(tenants: Map<string, TenantDevices>, tenantId: string): TenantDevices {
  const known = tenants.get(tenantId);
  if (known !== undefined) return known;
  const devices: TenantDevices = { byId: new Map(), storedMs: new Map(), sortedIds: null };
  tenants.set(tenantId, devices);
  return devices;
}

interface Change {
  readonly tenantId: string;
  readonly deviceId: string;
  document: DeviceDocument;
}

async function saveAll(
  documents: DocumentStore,
  tenants: Map<string, TenantDevices>,
  sightings: readonly DeviceSighting[],
  shared: boolean,
): Promise<void> {
  const changes = new Map<string, Change>();
  for (const sighting of sightings) {
    const { tenantId, deviceId } = sighting;
    const name = `${tenantId}:${deviceId}`;
    const change = changes.get(name);
    const known = change?.document ?? tenants.get(tenantId)?.byId.get(deviceId);
    const document = merge(known, sighting);
    if (document === known) continue;
    if (change === undefined) changes.set(name, { tenantId, deviceId, document });
    else change.document = document;
  }
  if (changes.size === 0) return;
  const due = [...changes.values()].filter((change) => isDue(change, tenants.get(change.tenantId)));
  if (shared) await Promise.all(due.map((change) => mergeWithStored(documents, change)));
  const rows: ScopedDocument[] = due.map(({ tenantId, deviceId, document }) => {
    return { scope: { tenantId }, id: deviceId, document };
  });
  if (rows.length > 0) await documents.putAll(devicesCollection, rows);
  for (const { tenantId, deviceId, document } of due) {
    tenantIn(tenants, tenantId).storedMs.set(deviceId, document.lastSeenMs);
  }
  for (const { tenantId, deviceId, document } of changes.values()) {
    const devices = tenantIn(tenants, tenantId);
    if (!devices.byId.has(deviceId)) devices.sortedIds = null;
    devices.byId.set(deviceId, document);
  }
}

/** Another process may have learnt more of the device since this one read it. */
async function mergeWithStored(documents: DocumentStore, change: Change): Promise<void> {
  const { tenantId, deviceId, document: ours } = change;
  const stored = await documents.get<DeviceDocument>({ tenantId }, devicesCollection, deviceId);
  if (stored === null) return;
  const newer = stored.inventoryMs > ours.inventoryMs ? stored : ours;
  change.document = {
    firstSeenMs: Math.min(stored.firstSeenMs, ours.firstSeenMs),
    lastSeenMs: Math.max(stored.lastSeenMs, ours.lastSeenMs),
    inventory: newer.inventory,
    inventoryMs: newer.inventoryMs,
  };
}

/** A device seen again is not written each time: thousands are, several times a second. */
const storeEveryMs = 10_000;

function isDue({ deviceId, document }: Change, devices: TenantDevices | undefined): boolean {
  const known = devices?.byId.get(deviceId);
  const storedMs = devices?.storedMs.get(deviceId);
  return (
    known === undefined ||
    storedMs === undefined ||
    document.inventory !== known.inventory ||
    document.firstSeenMs !== known.firstSeenMs ||
    document.lastSeenMs - storedMs >= storeEveryMs
  );
}

function merge(known: DeviceDocument | undefined, sighting: DeviceSighting): DeviceDocument {
  const { lastSeenMs, inventory } = sighting;
  if (known === undefined) {
    return {
      firstSeenMs: lastSeenMs,
      lastSeenMs,
      inventory: inventory ?? null,
      inventoryMs: inventory === undefined ? 0 : lastSeenMs,
    };
  }
  const newer = inventory !== undefined && lastSeenMs >= known.inventoryMs;
  if (!newer && lastSeenMs >= known.firstSeenMs && lastSeenMs <= known.lastSeenMs) return known;
  return {
    firstSeenMs: Math.min(known.firstSeenMs, lastSeenMs),
    lastSeenMs: Math.max(known.lastSeenMs, lastSeenMs),
    inventory: newer ? inventory : known.inventory,
    inventoryMs: newer ? lastSeenMs : known.inventoryMs,
  };
}

function statusOf(document: DeviceDocument, nowMs: number): Device['status'] {
  return nowMs - document.lastSeenMs <= offlineAfterMs ? 'ONLINE' : 'OFFLINE';
}

function toDevice(tenantId: string, deviceId: string, document: DeviceDocument, nowMs: number): Device {
  const { inventory } = document;
  return {
    deviceId,
    tenantId,
    hostname: inventory?.hostname ?? null,
    organizationId: inventory?.organizationId ?? null,
    organizationName: inventory?.organizationName ?? null,
    status: statusOf(document, nowMs),
    firstSeen: new Date(document.firstSeenMs).toISOString(),
    lastSeen: new Date(document.lastSeenMs).toISOString(),
    inventory,
  };
}

function listDevices(
  devices: TenantDevices,
  tenantId: string,
  options: DeviceListOptions,
  nowMs: number,
): readonly Device[] {
  devices.sortedIds ??= [...devices.byId.keys()].sort((a, b) => (a < b ? -1 : 1));
  const search = options.search?.toLowerCase();
  const found: Device[] = [];
  for (const deviceId of devices.sortedIds) {
    if (found.length >= options.limit) break;
    const document = devices.byId.get(deviceId);
    if (document === undefined || (options.afterId !== undefined && deviceId <= options.afterId)) continue;
    if (options.status !== undefined && statusOf(document, nowMs) !== options.status) continue;
    const { inventory } = document;
    if (options.organizationId !== undefined && inventory?.organizationId !== options.organizationId)
      continue;
    if (search !== undefined && !mentions(deviceId, inventory, search)) continue;
    found.push(toDevice(tenantId, deviceId, document, nowMs));
  }
  return found;
}

function mentions(deviceId: string, inventory: DeviceInventory | null, search: string): boolean {
  const texts = [deviceId, inventory?.hostname, inventory?.organizationName];
  return texts.some((text) => text?.toLowerCase().includes(search));
}

function facetsOf(devices: TenantDevices, nowMs: number): DeviceFacets {
  const status = new Map<string | null, number>(deviceStatuses.map((s) => [s, 0]));
  const organizationId = new Map<string | null, number>();
  const platform = new Map<string | null, number>();
  const count = (counts: Map<string | null, number>, key: string | null): void => {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  };
  for (const document of devices.byId.values()) {
    count(status, statusOf(document, nowMs));
    count(organizationId, document.inventory?.organizationId ?? null);
    count(platform, document.inventory?.os?.platform ?? null);
  }
  return { status: ranked(status), organizationId: ranked(organizationId), platform: ranked(platform) };
}

function ranked(counts: ReadonlyMap<string | null, number>): readonly DeviceFacet[] {
  const facets = [...counts].map(([key, count]) => ({ key, count }));
  return facets.sort((a, b) => b.count - a.count || ((a.key ?? '') < (b.key ?? '') ? -1 : 1));
}
