import { expect, it } from 'vitest';
import { request } from 'undici';

import { type RegisterRoutes, startRoleServer } from './role-server.ts';
import { readSettings } from './settings.ts';

it('lets go of routes that cannot be served, and goes on with those before', async () => {
  const settings = readSettings({ OPENFRAME_PORT: '0', OPENFRAME_LOG_LEVEL: 'silent' });
  const health: RegisterRoutes = (app) => {
    app.get('/healthz', () => 'well');
  };
  const server = await startRoleServer(settings, 'query', health, () => true);
  let isLetGo = false;
  const failing = server.serve((app) => {
    app.addHook('preClose', async () => void (isLetGo = true));
    throw new Error('no key');
  });
  await expect(failing).rejects.toThrow('no key');
  expect(isLetGo).toBe(true);
  expect(await (await request(`${server.url}/healthz`)).body.text()).toBe('well');
  await server.close(1_000);
});
