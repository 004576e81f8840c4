import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { offlineAfterMs } from '../contracts/device.ts';
import { eventIdOf } from '../contracts/event-id.ts';
import { headers, rawKey } from '../contracts/topics.ts';
import { lateAfterMs } from '../contracts/device.ts';
import { createTestDriver, type PipedRecord, type TestDriver } from '../streams/test-driver.ts';
import { presence } from './presence.ts';

const startMs = Date.parse('2026-11-22T12:00:00Z');
const minuteMs = 60_000;

let driver: TestDriver;
beforeEach(() => {
  driver = createTestDriver(presence, { startMs });
});
afterEach(() => driver[Symbol.asyncDispose]());

interface Given {
  readonly device?: string;
  readonly tenant?: string;
  readonly id?: string;
  readonly type?: string;
  readonly source?: string;
  readonly data?: unknown;
}

/** An enriched event that is accepted now. */
function event(given: Given = {}): PipedRecord {
  const { device = 'pc-1', tenant = 'acme', id = 'run1-1', type = 'openframe.heartbeat', data = {} } = given;
  const { source = `/agents/${device}` } = given;
  const nowMs = driver.clock.nowMs();
  return {
    key: rawKey(tenant, source),
    eventTimeMs: nowMs,
    value: { eventId: 'x', tenantId: tenant, deviceId: device, data },
    headers: {
      [headers.id]: id,
      [headers.source]: source,
      [headers.type]: type,
      [headers.tenant]: tenant,
      [headers.device]: device,
      [headers.ingestTime]: String(nowMs),
    },
  };
}

/** The words of what was told, without the prefix, each with its device where there are several. */
const told = (): string[] =>
  driver.outputs().map(({ headers: { ce_type: type = '' } }) => type.replace('openframe.device.', ''));

/** Time goes on, a second a step, with three heartbeats of each device a minute. */
async function live(minutes: number, ...devices: readonly string[]): Promise<void> {
  for (let second = 1; second <= minutes * 60; second++) {
    await driver.advanceTime(1000);
    if (second % 20 === 1)
      await driver.pipe(devices.map((device) => event({ device, id: `run1-${second}` })));
  }
}

describe('presence', () => {
  it('tells of a device once that it is registered and online, as a raw event of it', async () => {
    await driver.pipe([event(), event({ id: 'run1-2' })]);
    expect(told()).toEqual(['registered', 'online']);
    const [first] = driver.outputs();
    expect(first?.key).toBe('acme:/devices/pc-1');
    expect(first?.headers).toMatchObject({
      ce_id: '0',
      ce_source: '/devices/pc-1',
      tenant: 'acme',
      device: 'pc-1',
      eventid: eventIdOf('acme', '/devices/pc-1', '0'),
      ingesttime: String(startMs),
    });
    expect(first?.json).toEqual({ device: { agentId: 'pc-1', name: 'pc-1' }, row: {} });
  });

  it('says nothing of a device that reports each minute', async () => {
    await driver.pipe([event()]);
    await live(5, 'pc-1');
    expect(told()).toEqual(['registered', 'online']);
  });

  it('tells of silence: late, then offline, then online again, each once', async () => {
    await driver.pipe([event(), event({ device: 'pc-2' })]);
    await live(4, 'pc-2');
    expect(told().slice(4)).toEqual(['late', 'offline']);
    const [late, offline] = driver.outputs().slice(4);
    expect((late?.eventTimeMs ?? 0) - startMs).toBeGreaterThan(lateAfterMs);
    expect((offline?.eventTimeMs ?? 0) - startMs).toBeGreaterThan(offlineAfterMs);
    expect((offline?.eventTimeMs ?? 0) - startMs).toBeLessThan(offlineAfterMs + 3000);
    expect(offline?.json).toMatchObject({ row: { lastSeen: new Date(startMs).toISOString() } });
    await driver.pipe([event({ id: 'run1-9' })]);
    expect(told().slice(6)).toEqual(['online']);
    const ids = driver.outputs().map(({ headers: { eventid } }) => eventid);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('neither loses nor doubles a change through kill -9 and lost commits', async () => {
    await driver.pipe([event()]);
    await driver.restart();
    await driver.pipe([event({ id: 'run1-2' })]);
    expect(told()).toEqual(['registered', 'online']);
    for (let i = 0; i < 4; i++) {
      await live(1, 'pc-2');
      await driver.restart();
    }
    driver.failCommits(1, 'lostAnswer');
    await live(1, 'pc-2');
    const ofFirst = driver.outputs().filter(({ headers: { device } }) => device === 'pc-1');
    expect(ofFirst.map(({ headers: { ce_type } }) => ce_type?.slice('openframe.device.'.length))).toEqual([
      'registered',
      'online',
      'late',
      'offline',
    ]);
  });

  it('does not take an outage of the platform for one of its devices', async () => {
    await driver.pipe([event()]);
    await live(1, 'pc-1');
    await driver.restart();
    // Nobody listened for an hour; the device's next heartbeat is the first thing that is heard.
    await driver.advanceTime(60 * minuteMs);
    await driver.pipe([event({ id: 'run1-99' })]);
    await live(1, 'pc-1');
    expect(told()).toEqual(['registered', 'online']);
  });

  it('raises one finding where two machines have one identity, and lets both live', async () => {
    for (let n = 0; n < 20; n++) {
      await driver.pipe([event({ id: `runA-${n}` })]);
      await driver.advanceTime(30_000);
      await driver.pipe([event({ id: `runB-${n}` })]);
      await driver.advanceTime(30_000);
    }
    expect(told()).toEqual(['registered', 'online', 'cloned']);
    expect(driver.outputs()[2]?.json).toMatchObject({ outcome: 'failure' });
  });

  it('takes an agent that is started again, and again, for one device', async () => {
    for (let run = 0; run < 10; run++) {
      for (let n = 0; n < 3; n++) await driver.pipe([event({ id: `run${run}-${n}` })]);
      await driver.advanceTime(30_000);
    }
    expect(told()).toEqual(['registered', 'online']);
  });

  it('tells what changed in an inventory, not the inventory', async () => {
    const inventory = (agentVersion: string, users: readonly string[]): PipedRecord =>
      event({ type: 'openframe.device', data: { hostname: 'web-1', agentVersion, users } });
    await driver.pipe([inventory('1.0', ['ada', 'bob']), inventory('1.0', ['bob', 'ada'])]);
    expect(told()).toEqual(['registered', 'online']);
    await driver.restart();
    await driver.pipe([inventory('1.1', ['ada'])]);
    expect(told()).toEqual(['registered', 'online', 'changed']);
    expect(driver.outputs()[2]?.json).toEqual({
      device: { agentId: 'pc-1', name: 'web-1' },
      message: 'agentVersion 1.0 to 1.1, users[bob] is gone',
      row: {
        changes: [
          { path: 'agentVersion', from: '1.0', to: '1.1' },
          { path: 'users[bob]', from: 'bob' },
        ],
      },
    });
  });

  it('keeps equal ids of two tenants apart, and hears only what an agent says itself', async () => {
    await driver.pipe([event(), event({ tenant: 'umbrella' })]);
    await driver.pipe([event({ device: 'pc-9', source: '/tools/fleet-mdm/fleet/activities' })]);
    await driver.pipe([event({ source: '/devices/pc-1', type: 'openframe.device.online' })]);
    expect(driver.outputs().map(({ headers: { tenant } }) => tenant)).toEqual([
      'acme',
      'acme',
      'umbrella',
      'umbrella',
    ]);
  });
});
