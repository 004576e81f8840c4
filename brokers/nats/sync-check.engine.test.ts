import { expect, it } from 'vitest';

import { clock, roomyLimits } from './nats-subject.fixture.ts';
import { createNatsMessaging } from './messaging.ts';
import { startOwnServer } from './own-server.fixture.ts';

it('refuses a server that syncs later than it acknowledges, where its monitoring tells', async () => {
  await using stack = new AsyncDisposableStack();
  const { address, engines } = await startOwnServer(stack, { syncInterval: '2m' });
  const monitoringUrl = engines.addresses.OPENFRAME_NATS_MONITORING_URL ?? '';
  const options = { servers: [address], clock, options: roomyLimits };
  await expect(createNatsMessaging({ ...options, monitoringUrl })).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    message: expect.stringContaining('sync_interval: always') as unknown,
  });
  const warnings: string[] = [];
  const onWarning = (text: string): void => void warnings.push(text);
  stack.use(await createNatsMessaging({ ...options, onWarning }));
  expect(warnings).toEqual([expect.stringContaining('is not known')]);
}, 240_000);

it('warns where the monitoring of another server answers, and not where the own one syncs', async () => {
  await using stack = new AsyncDisposableStack();
  const [own, other] = [await startOwnServer(stack), await startOwnServer(stack)];
  const warnings: string[] = [];
  for (const { engines } of [own, other]) {
    const messaging = await createNatsMessaging({
      servers: [own.address],
      clock,
      options: roomyLimits,
      monitoringUrl: engines.addresses.OPENFRAME_NATS_MONITORING_URL ?? '',
      onWarning: (text) => warnings.push(text),
    });
    stack.use(messaging);
  }
  expect(warnings).toEqual([expect.stringContaining('another server answers')]);
}, 240_000);
