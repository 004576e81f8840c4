import { expect, it } from 'vitest';

import { readerOf, recordsOf } from '../../conformance/batches.ts';
import { messages } from '../../conformance/messaging-laws/subject.ts';
import { engineAddresses } from '../../tests/engines/engine-addresses.ts';
import { clock, removeStream, roomyLimits, uniquePrefix } from './nats-subject.fixture.ts';
import { createNatsMessaging } from './messaging.ts';

const address = engineAddresses().OPENFRAME_NATS_URL;
const aMoment = (): Promise<void> => clock.sleep(20);

/** Opens messagings of one stream that goes with the test. */
function deployment(stack: AsyncDisposableStack, consumers: readonly string[] = []) {
  const prefix = uniquePrefix();
  stack.defer(() => removeStream(address, prefix));
  return async (limits = roomyLimits) =>
    stack.use(await createNatsMessaging({ servers: [address], clock, options: limits, prefix, consumers }));
}

it('lets a reader that gave way go on, from what was acked, once the newer one is gone', async () => {
  await using stack = new AsyncDisposableStack();
  const open = deployment(stack);
  const [first, second] = [await open(), await open()];
  for (const n of [1, 2, 3]) await first.publish(messages(n));
  const standing = readerOf(await first.consume('relay'), aMoment);
  const left = await standing.next();
  const working = readerOf(await second.consume('relay'), aMoment);
  const taken = await working.next();
  expect(recordsOf(taken)[0]).toBe(recordsOf(left)[0]);
  await taken.ack();
  expect(left.revoked.aborted).toBe(true);
  await second[Symbol.asyncDispose]();
  await first.publish(messages(4));
  const seen = [];
  while (seen.length < 4 - taken.count) {
    const batch = await standing.nextOrNull();
    if (batch === null) continue;
    seen.push(...recordsOf(batch));
    await batch.ack();
  }
  expect(seen.at(-1)).toContain('m4');
  expect((await first.status()).consumers).toEqual({ relay: 5 });
});

it('keeps for a consumer that has never started what it will read', async () => {
  await using stack = new AsyncDisposableStack();
  const open = deployment(stack, ['relay']);
  const limits = { ...roomyLimits, retentionMs: 1 };
  const messaging = await open(limits);
  await messaging.publish(messages(1));
  await clock.sleep(1_100);
  await messaging.publish(messages(2));
  expect(await messaging.status()).toMatchObject({ firstSequence: 1, consumers: { relay: 1 } });
});
