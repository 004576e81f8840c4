import { expect, it } from 'vitest';

import { createManualClock } from '../../streams/clock.ts';
import { createKeyedState } from '../../streams/keyed-state.ts';
import { compileRules } from '../rules/compiled-rules.ts';
import { defaultRules } from '../rules/default-rules.ts';
import type { DetectionCell } from '../rules/kept-series.ts';
import { createDevice, type WatchedTenant } from '../rules/watched-device.ts';
import { SiteWatch } from './site-watch.ts';
import { placeDevice } from './watched-site.ts';

const secondMs = 1_000;

interface Life {
  readonly everySeconds: number;
  /** Whether the device `i` of the bakery still reports; all others do. */
  readonly isThere: (second: number, i: number) => boolean;
}

/** Sites on one partition, by how many devices they have, and what is kept of them. */
function partition(sites: Readonly<Record<string, number>>) {
  const cells = createKeyedState<DetectionCell>({ clock: createManualClock(0) });
  const none = { devices: new Map(), sites: new Map(), forms: new Map(), linesLeft: 0, lineSecond: 0 };
  const start = (): readonly [SiteWatch, WatchedTenant] => [
    new SiteWatch(cells),
    { tenantId: 'acme', rules: compileRules(defaultRules), ...structuredClone(none) },
  ];
  let [watch, tenant] = start();
  for (const [organizationId, devices] of Object.entries(sites)) {
    for (let i = 0; i < devices; i++) {
      const device = { ...createDevice(`${organizationId}-${i}`), organizationId };
      tenant.devices.set(device.deviceId, device);
      placeDevice(tenant, device);
    }
  }
  return {
    /** The most devices of the bakery that are said to be silent together. */
    live(fromSecond: number, toSecond: number, { everySeconds, isThere }: Life): number {
      let most = 0;
      for (let second = fromSecond; second < toSecond; second++) {
        const nowMs = second * secondMs;
        for (const { deviceId } of [...tenant.devices.values()]) {
          const [organizationId, i] = [deviceId.replace(/-\d+$/, ''), Number(/\d+$/.exec(deviceId)?.[0])];
          if (second % everySeconds !== i % everySeconds) continue;
          if (organizationId === 'bakery' && !isThere(second, i)) continue;
          const device = tenant.devices.get(deviceId);
          if (device === undefined) continue;
          watch.heard(device, nowMs);
          device.seenMs = nowMs;
          device.organizationId = organizationId;
          placeDevice(tenant, device);
        }
        const told = watch.judge([tenant], nowMs, nowMs).flatMap(({ pulse }) => pulse.sites);
        const silent = told.flatMap((one) => (one.organizationId === 'bakery' ? one.silent : []));
        most = Math.max(most, ...silent.map(([, devices]) => devices));
      }
      return most;
    },
    restart(second: number): void {
      const known = tenant.devices.keys();
      [watch, tenant] = start();
      for (const [, cell] of cells.entries())
        if ('habits' in cell || 'away' in cell) watch.takeUp(tenant, cell, second * secondMs);
      // Whoever reports is met again.
      for (const id of known) if (!tenant.devices.has(id)) tenant.devices.set(id, createDevice(id));
    },
  };
}

it.each([
  ['it has more devices than are looked at', { bakery: 3_000, bank: 200 }],
  ['it stands behind more devices than are asked', { bank: 2_100, bakery: 2_000 }],
])('tells that a site is silent where %s', (_, sites) => {
  const cut: Life = { everySeconds: 10, isThere: (second) => second < 60 };
  expect(partition(sites).live(1, 75, cut)).toBeGreaterThan(1_000);
});

it('does not take those who left one after the other before a restart for silent together', () => {
  const left: Life = { everySeconds: 60, isThere: (second, i) => second < 400 + i * 120 };
  const all = partition({ bakery: 20, bank: 20, school: 20 });
  all.live(1, 3_600, left);
  all.restart(3_600);
  expect(all.live(3_600, 3_800, left)).toBeLessThan(3);
});
