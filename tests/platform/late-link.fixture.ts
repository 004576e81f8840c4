import { request } from 'undici';
import { expect } from 'vitest';

import { type PlatformProcess, runCli } from '../support/platform-process.ts';

interface Answer {
  readonly items: readonly { readonly eventId: string; readonly deviceId: string | null }[];
  readonly deviceCompleteness: string;
}

async function ask(platform: PlatformProcess, path: string, body?: object): Promise<Answer> {
  const { url, token } = platform.ready;
  const response = await request(`${url}${path}`, {
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  return (await response.body.json()) as Answer;
}

/**
 * Sends an event of an agent that nobody has linked, links it, and sees the stored event with its device, everywhere.
 * `afterLink`: what happens to the platform right after the link was made, and the one that goes on.
 */
export async function expectLateLink(
  platform: PlatformProcess,
  options: {
    readonly dataDir: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly afterLink?: () => Promise<PlatformProcess>;
  },
): Promise<void> {
  const { dataDir, env = {}, afterLink = () => Promise.resolve(platform) } = options;
  const events = async (on: PlatformProcess, filter: string): Promise<Answer['items']> =>
    (await ask(on, `/api/v1/events?toolTypes=OPENFRAME_RMM&${filter}`)).items;
  const result = { tenantId: 'default', machineId: 'm-7', executionId: 'x-1', exitCode: 0, stdout: 'done' };
  const sent = await ask(platform, '/ingest/v1/tools/rmm-result/rmm', {
    ...result,
    eventTimestamp: Date.now(),
  });
  expect(sent).toMatchObject({ accepted: 1 });
  await expect.poll(() => events(platform, ''), { timeout: 30_000 }).toMatchObject([{ deviceId: null }]);

  const link = ['tools', 'link', '--tool', 'OPENFRAME_RMM', '--server', 'rmm', '--agent', 'm-7'];
  const linked = await runCli(
    [...link, '--tenant', 'default', '--device', 'pc-7', '--data-dir', dataDir],
    env,
  );
  expect(linked.code, linked.stderr).toBe(0);
  const later = await afterLink();
  const found = (): Promise<Answer['items']> => events(later, 'deviceId=pc-7');
  await expect.poll(found, { timeout: 40_000, interval: 250 }).toMatchObject([{ deviceId: 'pc-7' }]);
  const [event] = await found();
  const whole = (): Promise<Answer> => ask(later, `/api/v1/events/${event?.eventId ?? ''}`);
  await expect
    .poll(whole, { timeout: 10_000 })
    .toMatchObject({ deviceId: 'pc-7', deviceCompleteness: 'back-filled' });
  expect(await events(later, '')).toHaveLength(1);
}
