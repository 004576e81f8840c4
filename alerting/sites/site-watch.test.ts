import { expect, it } from 'vitest';

import { createKeyedState } from '../../streams/keyed-state.ts';
import { createManualClock } from '../../streams/clock.ts';
import { compileRules } from '../rules/compiled-rules.ts';
import { defaultRules } from '../rules/default-rules.ts';
import type { DetectionCell } from '../rules/kept-series.ts';
import { createDevice, type WatchedTenant } from '../rules/watched-device.ts';
import { SiteWatch } from './site-watch.ts';
import { placeDevice } from './watched-site.ts';

const secondMs = 1_000;
const everySeconds = 10;

/** Devices by site; each reports every 10 s until its site is cut after 70 s. Which sites a silence is told of. */
function silentOf(sites: Readonly<Record<string, number>>, cut: string): ReadonlySet<string> {
  const watch = new SiteWatch(createKeyedState<DetectionCell>({ clock: createManualClock(0) }));
  const none = { devices: new Map(), sites: new Map(), forms: new Map(), linesLeft: 0, lineSecond: 0 };
  const tenant: WatchedTenant = { tenantId: 'acme', rules: compileRules(defaultRules), ...none };
  for (const [organizationId, devices] of Object.entries(sites)) {
    for (let i = 0; i < devices; i++) {
      const device = { ...createDevice(`${organizationId}-${i}`), organizationId };
      tenant.devices.set(device.deviceId, device);
      placeDevice(tenant, device);
    }
  }
  const told = new Set<string>();
  for (let second = 1; second < 90; second++) {
    const nowMs = second * secondMs;
    for (const [i, device] of [...tenant.devices.values()].entries()) {
      const isCut = device.organizationId === cut && second >= 70;
      if (isCut || second % everySeconds !== i % everySeconds) continue;
      watch.heard(device, nowMs);
      device.seenMs = nowMs;
    }
    for (const { pulse } of watch.judge([tenant], nowMs, nowMs))
      for (const { organizationId, silent } of pulse.sites) if (silent.length > 0) told.add(organizationId);
  }
  return told;
}

it.each([
  ['it has more devices than are looked at', { bakery: 3_000, bank: 200 }],
  ['it stands behind more devices than are asked', { bank: 2_100, bakery: 2_000 }],
])('tells that a site is silent where %s', (_, sites) => {
  expect(silentOf(sites, 'bakery')).toContain('bakery');
});
