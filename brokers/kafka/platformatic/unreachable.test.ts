import { createServer } from 'node:net';

import { expect, it } from 'vitest';

import { createSystemClock } from '../../../streams/clock.ts';
import { createPlatformaticClient } from './client.ts';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

it('says where no broker answers, why and what to do', async () => {
  const broker = `127.0.0.1:${await freePort()}`;
  const opening = createPlatformaticClient({
    brokers: [broker],
    clientId: 'test',
    requestTimeoutMs: 200,
    clock: createSystemClock(),
  });
  await expect(opening).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
    retryable: true,
    message: expect.stringMatching(
      new RegExp(`Connection to ${broker} failed.*ECONNREFUSED.*look at the Kafka brokers`, 's'),
    ) as string,
  });
});
