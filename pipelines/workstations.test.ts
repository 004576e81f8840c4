import { expect, it } from 'vitest';

import type { KeptRule } from '../contracts/alert-rule.ts';
import { AlertPipeline, alive, Rules, silent } from './alert-pipeline.fixture.ts';

const minuteMs = 60_000;
const rule: KeptRule = {
  ...silent,
  detect: {
    ...{ kind: 'absence', everyMs: minuteMs, lateMs: minuteMs, noDataMs: 4 * minuteMs },
    workstations: 'WARNING',
  },
};

/** The alert of a device that gave its inventory, and was silent after a last sign of life. */
async function told(osName: string | null) {
  await using pipeline = new AlertPipeline(new Rules(rule));
  await pipeline.tell([alive(0)]);
  const os = { platform: 'Windows', name: osName, version: '10.0', arch: 'x64' };
  const type = { eventType: 'DEVICE_UPDATED', sourceType: 'openframe.device' };
  if (osName !== null) await pipeline.tell([alive(1_000, { ...type, data: { hostname: 'd1', os } })]);
  await pipeline.detect.restart();
  await pipeline.tell([alive(2_000)]);
  for (let waited = 0; waited < 6 * minuteMs; waited += 10_000) await pipeline.wait(10_000);
  return pipeline.latest();
}

it.each([
  ['a new workstation, with the reason', 'Microsoft Windows 11 Pro', 'WARNING', /; WARNING instead of ERROR/],
  ['a server', 'Microsoft Windows Server 2022 Standard', 'ERROR', / s$/],
  ['a device that never said what it is', null, 'ERROR', / s$/],
])(
  'tells of silence as severe as it is for %s, and knows through a restart',
  async (_, os, severity, why) => {
    const alerts = await told(os);
    expect(alerts).toMatchObject([{ deviceId: 'd1', state: 'NO_DATA', severity }]);
    expect(alerts[0]?.title).toMatch(why);
    expect(alerts[0]?.rule?.summary).toMatch(why);
  },
);
