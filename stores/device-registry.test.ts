import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { type DeviceInventory, offlineAfterMs } from '../contracts/device.ts';
import { createManualClock, type ManualClock } from '../streams/clock.ts';
import { createDeviceRegistry, type DeviceRegistry } from './device-registry.ts';
import type { DocumentStore } from './documents.ts';
import { createEmbeddedDocuments } from './embedded/documents.ts';

const startMs = Date.UTC(2026, 0, 1);
const north = { tenantId: 'north' };
const south = { tenantId: 'south' };

let folder: string;
let documents: DocumentStore;
let clock: ManualClock;
let registry: DeviceRegistry;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openframe-devices-'));
  documents = createEmbeddedDocuments({ path: join(folder, 'documents.sqlite') });
  clock = createManualClock(startMs);
  registry = createDeviceRegistry({ documents, clock });
});

afterEach(async () => {
  await documents[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function inventory(hostname: string, organizationId?: string, platform?: string): DeviceInventory {
  return {
    hostname,
    ...(organizationId === undefined ? {} : { organizationId, organizationName: `The ${organizationId}` }),
    ...(platform === undefined ? {} : { os: { platform, name: platform, version: '1', arch: 'x64' } }),
  };
}

describe('a device registry that several processes share', () => {
  it('answers what another saved, seconds later, and loses nothing that another learnt', async () => {
    const one = createDeviceRegistry({ documents, clock, shared: true });
    const other = createDeviceRegistry({ documents, clock, shared: true });
    const seen = { ...north, deviceId: 'd1' };
    await one.save([{ ...seen, lastSeenMs: startMs }]);
    expect(await other.get(north, 'd1')).not.toBeNull();
    await other.save([{ ...seen, lastSeenMs: startMs + 20_000, inventory: inventory('pc-1') }]);
    await one.save([{ ...seen, lastSeenMs: startMs + 40_000 }]);
    await clock.advance(3_000);
    const lastSeen = new Date(startMs + 40_000).toISOString();
    expect(await other.get(north, 'd1')).toMatchObject({ hostname: 'pc-1', lastSeen });
  });
});

describe('the device registry', () => {
  it('answers a device that only sent events, without inventory', async () => {
    await registry.save([{ ...north, deviceId: 'd1', lastSeenMs: startMs }]);
    expect(await registry.get(north, 'd1')).toEqual({
      deviceId: 'd1',
      tenantId: 'north',
      hostname: null,
      organizationId: null,
      organizationName: null,
      status: 'ONLINE',
      firstSeen: '2026-01-01T00:00:00.000Z',
      lastSeen: '2026-01-01T00:00:00.000Z',
      inventory: null,
    });
  });

  it('keeps tenants apart, with equal device ids', async () => {
    await registry.save([
      { ...north, deviceId: 'd1', lastSeenMs: startMs, inventory: inventory('north-host') },
      { ...south, deviceId: 'd1', lastSeenMs: startMs, inventory: inventory('south-host') },
      { ...south, deviceId: 'd2', lastSeenMs: startMs },
    ]);
    expect((await registry.get(north, 'd1'))?.hostname).toBe('north-host');
    expect(await registry.get(north, 'd2')).toBeNull();
    expect(await registry.list(north, { limit: 9 })).toHaveLength(1);
    expect((await registry.facets(north)).status).toEqual([
      { key: 'ONLINE', count: 1 },
      { key: 'OFFLINE', count: 0 },
    ]);
  });

  it('says OFFLINE once a device was silent for longer than two heartbeats and some slack', async () => {
    await registry.save([{ ...north, deviceId: 'd1', lastSeenMs: startMs }]);
    await clock.advance(offlineAfterMs);
    expect((await registry.get(north, 'd1'))?.status).toBe('ONLINE');
    await clock.advance(1);
    expect((await registry.get(north, 'd1'))?.status).toBe('OFFLINE');
    expect(await registry.list(north, { limit: 9, status: 'ONLINE' })).toEqual([]);
  });

  it('ends at the same device whatever the order and grouping of what was seen', async () => {
    const sighting = fc.record({
      lastSeenMs: fc.integer({ min: startMs - 1000, max: startMs + 1000 }),
      host: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }),
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(sighting, { minLength: 1, maxLength: 8 }), async (seen) => {
        const unique = [...new Map(seen.map((s) => [s.lastSeenMs, s])).values()];
        const deviceId = `d${run++}`;
        const all = unique.map(({ lastSeenMs, host }) => ({
          ...north,
          deviceId,
          lastSeenMs,
          ...(host === undefined ? {} : { inventory: inventory(host) }),
        }));
        const half = Math.floor(all.length / 2);
        await Promise.all([registry.save(all.slice(half)), registry.save(all.slice(0, half))]);
        const times = all.map((s) => s.lastSeenMs);
        const newest = unique
          .filter((s) => s.host !== undefined)
          .reduce<(typeof unique)[number] | undefined>(
            (best, s) => (best === undefined || s.lastSeenMs > best.lastSeenMs ? s : best),
            undefined,
          );
        expect(await registry.get(north, deviceId)).toMatchObject({
          firstSeen: new Date(Math.min(...times)).toISOString(),
          lastSeen: new Date(Math.max(...times)).toISOString(),
          hostname: newest?.host ?? null,
        });
      }),
      { numRuns: 40, seed: 3 },
    );
  });

  it('lists in order of id, page by page, also after a device came in between', async () => {
    const save = (deviceId: string): Promise<void> =>
      registry.save([{ ...north, deviceId, lastSeenMs: startMs }]);
    for (const id of ['d', 'b', 'a']) await save(id);
    const ids = async (afterId?: string): Promise<string[]> =>
      (await registry.list(north, { limit: 2, afterId })).map((d) => d.deviceId);
    expect(await ids()).toEqual(['a', 'b']);
    await save('c');
    expect(await ids('b')).toEqual(['c', 'd']);
    expect(await ids('d')).toEqual([]);
  });

  it('finds devices by organization and by part of a name, in any case', async () => {
    await registry.save([
      { ...north, deviceId: 'd1', lastSeenMs: startMs, inventory: inventory('Web-01', 'acme') },
      { ...north, deviceId: 'd2', lastSeenMs: startMs, inventory: inventory('web-02', 'umbrella') },
      { ...north, deviceId: 'd3', lastSeenMs: startMs },
    ]);
    const ids = async (options: { organizationId?: string; search?: string }): Promise<string[]> =>
      (await registry.list(north, { limit: 9, ...options })).map((d) => d.deviceId);
    expect(await ids({ organizationId: 'acme' })).toEqual(['d1']);
    expect(await ids({ search: 'WEB-' })).toEqual(['d1', 'd2']);
    expect(await ids({ search: 'the umb' })).toEqual(['d2']);
    expect(await ids({ search: 'D3' })).toEqual(['d3']);
    expect(await ids({ search: '%' })).toEqual([]);
  });

  it('counts by status, organization and platform, the unknown under null', async () => {
    await registry.save([
      { ...north, deviceId: 'd1', lastSeenMs: startMs, inventory: inventory('a', 'acme', 'linux') },
      { ...north, deviceId: 'd2', lastSeenMs: startMs, inventory: inventory('b', 'acme', 'win32') },
      { ...north, deviceId: 'd3', lastSeenMs: startMs - 10 * offlineAfterMs },
    ]);
    expect(await registry.facets(north)).toEqual({
      status: [
        { key: 'ONLINE', count: 2 },
        { key: 'OFFLINE', count: 1 },
      ],
      organizationId: [
        { key: 'acme', count: 2 },
        { key: null, count: 1 },
      ],
      platform: [
        { key: null, count: 1 },
        { key: 'linux', count: 1 },
        { key: 'win32', count: 1 },
      ],
    });
  });

  it('has all devices after a restart', async () => {
    await registry.save([{ ...north, deviceId: 'd1', lastSeenMs: startMs, inventory: inventory('host') }]);
    const before = await registry.get(north, 'd1');
    expect(await createDeviceRegistry({ documents, clock }).get(north, 'd1')).toEqual(before);
  });

  it('shows nothing of a batch that was not stored', async () => {
    await expect(
      registry.save([
        { ...north, deviceId: 'd1', lastSeenMs: startMs },
        { ...north, deviceId: '', lastSeenMs: startMs },
      ]),
    ).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
    expect(await registry.get(north, 'd1')).toBeNull();
    await registry.save([{ ...north, deviceId: 'd1', lastSeenMs: startMs }]);
    expect(await registry.get(north, 'd1')).not.toBeNull();
  });
});
