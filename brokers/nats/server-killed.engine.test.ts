import { expect, it } from 'vitest';

import { readerOf, recordsIn, recordsOf, sealed } from '../../conformance/batches.ts';
import { message, messages } from '../../conformance/messaging-laws/subject.ts';
import { isRetryable } from '../../contracts/errors.ts';
import type { Messaging } from '../messaging.ts';
import { clock, roomyLimits } from './nats-subject.fixture.ts';
import { createNatsMessaging } from './messaging.ts';
import { type OwnServer, startOwnServer } from './own-server.fixture.ts';

const total = 4_000;
const perPublish = 20;
const kills = 3;
const mebibyte = 1024 * 1024;

function open(
  stack: AsyncDisposableStack,
  { address }: OwnServer,
  requestTimeoutMs = 1_000,
): Promise<Messaging> {
  const options = { servers: [address], clock, options: roomyLimits, requestTimeoutMs };
  return createNatsMessaging(options).then((messaging) => stack.use(messaging));
}

/** Publishes until it is acknowledged; counts the refusals. */
async function publishUntilTaken(messaging: Messaging, batch: Buffer, onRefusal: () => void): Promise<void> {
  for (;;) {
    try {
      await messaging.publish(batch);
      return;
    } catch (error) {
      if (!isRetryable(error)) throw error;
      onRefusal();
      await clock.sleep(50);
    }
  }
}

async function valuesOf(messaging: Messaging): Promise<string[]> {
  const values: string[] = [];
  for await (const bytes of messaging.readAll()) {
    values.push(...recordsIn(bytes).map((record) => record.slice(record.indexOf(':') + 1)));
  }
  return values;
}

it('holds once, and in order, what it acknowledged through kill -9 of the server', async () => {
  await using stack = new AsyncDisposableStack();
  const server = await startOwnServer(stack);
  const messaging = await open(stack, server);
  let published = 0;
  let refusals = 0;
  const publishing = (async () => {
    for (; published < total; published += perPublish) {
      const numbers = Array.from({ length: perPublish }, (_, i) => published + i);
      await publishUntilTaken(messaging, messages(...numbers), () => refusals++);
    }
  })();
  for (let kill = 1; kill <= kills; kill++) {
    while (published < (total * kill) / (kills + 1)) await clock.sleep(1);
    await server.engines.kill('nats');
    await server.engines.start('nats');
  }
  await publishing;
  expect(refusals).toBeGreaterThanOrEqual(kills);
  expect(await valuesOf(messaging)).toEqual(Array.from({ length: total }, (_, i) => `m${i}`));
}, 240_000);

it('refuses while the server is away, and goes on by itself when it is back', async () => {
  await using stack = new AsyncDisposableStack();
  const server = await startOwnServer(stack);
  const messaging = await open(stack, server);
  await messaging.publish(messages(1));
  const reader = readerOf(await messaging.consume('relay'), () => clock.sleep(20));
  await (await reader.next()).ack();
  await server.engines.kill('nats');
  await expect(messaging.publish(messages(2))).rejects.toMatchObject({ code: 'NOT_DURABLE_NOW' });
  await clock.sleep(2_000);
  await expect(messaging.status()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
  await server.engines.start('nats');
  await publishUntilTaken(messaging, messages(2), () => {});
  const again = readerOf(await messaging.consume('relay'), () => clock.sleep(20));
  // A crash may take back the last acks, never a message.
  for (let seen = ''; !seen.endsWith(':m2');) {
    const batch = await again.next();
    seen = recordsOf(batch).join();
    await batch.ack();
  }
}, 240_000);

it('takes records of 5 MB, alone and beside small ones, and names what is larger than the server takes', async () => {
  await using stack = new AsyncDisposableStack();
  const server = await startOwnServer(stack);
  const messaging = await open(stack, server, 20_000);
  const large = (number: number, size: number) => ({ ...message(number, 'x'.repeat(size)), key: 'device' });
  await messaging.publish(sealed(large(1, 5 * mebibyte)));
  await messaging.publish(sealed(message(2), large(3, 5 * mebibyte), message(4), large(5, 5 * mebibyte)));
  await expect(messaging.publish(sealed(large(6, 8 * mebibyte)))).rejects.toMatchObject({
    code: 'EVENT_TOO_LARGE',
    retryable: false,
  });
  const sizes = (await valuesOf(messaging)).map((value) => value.length);
  expect(sizes).toEqual([5 * mebibyte, 2, 5 * mebibyte, 2, 5 * mebibyte]);
  const reader = readerOf(await messaging.consume('relay'), () => clock.sleep(20), 100);
  let read = 0;
  while (read < sizes.length) {
    const batch = await reader.next();
    read += batch.count;
    await batch.ack();
  }
}, 240_000);
