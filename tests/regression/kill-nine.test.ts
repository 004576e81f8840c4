import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

import type { VerifyReport } from '../../pipelines/verify.ts';
import type { SimulateReport } from '../../simulator/simulate.ts';
import { createRandom } from '../../streams/random.ts';
import {
  freePort,
  mintToken,
  type PlatformProcess,
  runCli,
  startPlatformProcess,
} from '../support/platform-process.ts';

const kills = 20;
const seed = 20261122;
const eventsPerSecond = 400;

const reportedSeverities = 'WARNING,ERROR,CRITICAL';

/** Every event of severity WARNING and above is one report of one alert, no more and no less. */
async function expectAlertCounts(url: string, tenantId: string, folder: string): Promise<void> {
  const authorization = `Bearer ${await mintToken(folder, 'admin', tenantId)}`;
  const ask = async (path: string): Promise<unknown> =>
    (await fetch(`${url}/api/v1${path}`, { headers: { authorization } })).json();
  const events = (await ask(`/events/stats?severities=${reportedSeverities}&bucket=1d`)) as { total: number };
  expect(events.total).toBeGreaterThan(0);
  await expect
    .poll(async () => ((await ask('/alerts/stats')) as { reports: number }).reports, { timeout: 20_000 })
    .toBe(events.total);
}

describe('kill -9 at random moments', () => {
  it('loses and doubles no event while the simulator resends what was not acknowledged', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'openframe-kill-'));
    const random = createRandom(seed);
    let platform: PlatformProcess | undefined;
    try {
      const port = String(await freePort());
      const args = ['--port', port, '--data-dir', folder, '--no-agent'];
      platform = await startPlatformProcess(args);
      const simulating = runCli([
        ...['simulate', '--agents', '100', '--tenants', '5', '--rate', String(eventsPerSecond)],
        ...['--duration', '40s', '--duplicates', '0.1', '--seed', String(seed), '--data-dir', folder],
        ...['--server', platform.ready.url],
      ]);
      for (let i = 0; i < kills; i++) {
        await pause(random.below(1200));
        await platform.kill();
        platform = await startPlatformProcess(args);
      }
      const simulated = await simulating;
      expect(simulated.code, simulated.stderr).toBe(0);
      const sent = JSON.parse(simulated.stdout) as SimulateReport;
      const verified = await runCli(['verify', '--json', '--data-dir', folder]);
      const report = JSON.parse(verified.stdout) as VerifyReport;
      for (const { tenantId } of report.tenants)
        await expectAlertCounts(platform.ready.url, tenantId, folder);
      await platform.stop();
      expect(report, `seed ${seed}`).toMatchObject({
        verdict: 'OK',
        lost: 0,
        duplicated: 0,
        deadLettered: 0,
      });
      const acceptedByTenant = Object.fromEntries(report.tenants.map((t) => [t.tenantId, t.accepted]));
      expect(acceptedByTenant).toEqual(sent.uniqueByTenant);
      expect(sent.duplicates).toBeGreaterThan(eventsPerSecond);
    } finally {
      await platform?.kill();
      await rm(folder, { recursive: true, force: true });
    }
  }, 240_000);
});
