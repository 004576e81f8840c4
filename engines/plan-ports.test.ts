import { createServer } from 'node:net';
import { once } from 'node:events';
import { expect, it } from 'vitest';

import { createTempFolder } from '../tests/support/temp-folder.ts';
import { createSystemClock } from '../streams/clock.ts';
import type { EngineOptions } from './options.ts';
import { planPorts } from './plan-ports.ts';
import { writeRecord } from './processes/records.ts';

const options = (dataDir: string, more: Partial<EngineOptions>): EngineOptions => ({
  dataDir,
  cacheDir: dataDir,
  clock: createSystemClock(),
  ...more,
});

it('finds a port of its own for every use, below those that the machine gives away', async () => {
  await using folder = await createTempFolder();
  const planned = await planPorts(options(folder.path, { ports: 'free' }));
  const ports = [...planned.values()].flatMap((own) => Object.values(own));
  expect(new Set(ports).size).toBe(ports.length);
  for (const port of ports) expect(port).toSatisfy((one: number) => one >= 20_000 && one < 30_000);
});

it('keeps the ports that the data was begun with, and says so where others are asked', async () => {
  await using folder = await createTempFolder();
  writeRecord(folder.path, 'redis', { version: '1', ports: { client: 29_999 }, processes: [] });
  const only = ['redis'] as const;
  expect((await planPorts(options(folder.path, { only }))).get('redis')).toEqual({ client: 29_999 });
  const others = planPorts(options(folder.path, { only, ports: 'default' }));
  await expect(others).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
  await expect(others).rejects.toThrow('begun with free ports');
});

it('names every port that another program holds', async () => {
  await using folder = await createTempFolder();
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  writeRecord(folder.path, 'kafka', {
    version: '1',
    ports: { client: port, controller: port },
    processes: [],
  });
  const planned = planPorts(options(folder.path, { only: ['kafka'] }));
  await expect(planned).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  await expect(planned).rejects.toThrow(`kafka needs port ${port} (client)`);
  await expect(planned).rejects.toThrow(`kafka needs port ${port} (controller)`);
  server.close();
});
