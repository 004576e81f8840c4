import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';

import { allEngines } from './all-engines.ts';
import type { Ports } from './engine.ts';
import { natsAnswers } from './nats/nats-answers.ts';
import { redisAnswers } from './redis/redis-answers.ts';

/** A program on a loopback port that is none of the engines. */
async function listen(
  onConnection: (socket: Socket) => void,
): Promise<{ readonly port: number } & Disposable> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    [Symbol.dispose]: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const withinMs = 150;
const everyProcess = Object.values(allEngines).flatMap(({ answers, defaultPorts }) =>
  Object.entries(answers).map(([name, ask]) => ({ name, ask, uses: Object.keys(defaultPorts) })),
);
const on = (port: number, uses: readonly string[]): Ports =>
  Object.fromEntries(uses.map((use) => [use, port]));

it.each(everyProcess)('takes no other program for $name', async ({ ask, uses }) => {
  const strangers = [
    (socket: Socket) => socket.end(),
    (socket: Socket) => socket.resetAndDestroy(),
    (socket: Socket) => socket.write('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n'),
    (socket: Socket) => socket.write(Buffer.alloc(64, 0xff)),
    () => undefined,
  ];
  for (const stranger of strangers) {
    using other = await listen(stranger);
    const asked = ask(on(other.port, uses), AbortSignal.timeout(withinMs));
    await expect(asked).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
  }
});

it('waits for an answer that comes in pieces', async () => {
  using slow = await listen((socket) => {
    socket.once('data', () => {
      socket.write('+PO', () => setImmediate(() => socket.write('NG\r\n')));
    });
  });
  await expect(redisAnswers(slow.port, AbortSignal.timeout(5_000))).resolves.toBeUndefined();
});

it('says why a server that is still loading is not ready', async () => {
  using loading = await listen((socket) => socket.write('-LOADING the dataset\r\n'));
  await expect(redisAnswers(loading.port, AbortSignal.timeout(5_000))).rejects.toThrow('LOADING');
  using refusing = await listen((socket) => socket.write("-ERR 'Authorization Violation'\r\n"));
  await expect(natsAnswers(refusing.port, AbortSignal.timeout(5_000))).rejects.toThrow(
    'Authorization Violation',
  );
});
