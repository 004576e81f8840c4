import { queryObjects } from 'node:v8';
import { connect } from '@nats-io/transport-node';
import { expect, it } from 'vitest';

import { messages } from '../../conformance/messaging-laws/subject.ts';
import { engineAddresses } from '../../tests/engines/engine-addresses.ts';
import { clock, hostPort, removeStream, roomyLimits, uniquePrefix } from './nats-subject.fixture.ts';
import { createNatsMessaging } from './messaging.ts';

const address = engineAddresses().OPENFRAME_NATS_URL;
const [published, publishedTogether, readTogether, left] = [12_000, 500, 100, 1_500];
/** What is pulled ahead: two pulls, of which one is under way. */
const mostHeld = 2_000;

/** The class of the driver's messages, which it does not export. */
async function messageClass() {
  const nc = await connect(hostPort(address));
  try {
    return (await nc.request('$JS.API.INFO')).constructor;
  } finally {
    await nc.close();
  }
}

it('lets go of messages that were read while more come than are read', async () => {
  await using stack = new AsyncDisposableStack();
  const prefix = uniquePrefix();
  stack.defer(() => removeStream(address, prefix));
  const messaging = stack.use(
    await createNatsMessaging({ servers: [address], clock, options: roomyLimits, prefix }),
  );
  for (let first = 1; first <= published; first += publishedTogether) {
    await messaging.publish(messages(...Array.from({ length: publishedTogether }, (_, i) => first + i)));
  }
  const driverMessage = await messageClass();
  const heldNow = (): number => queryObjects(driverMessage, { format: 'count' });
  const before = heldNow();
  const source = stack.use(await messaging.consume('relay'));
  const { signal } = new AbortController();
  let read = 0;
  for await (const batch of source.read({ maxRecords: readTogether, maxWaitMs: 1_000, signal })) {
    read += batch?.count ?? 0;
    await batch?.ack();
    if (read >= published - left) break;
  }
  expect(heldNow() - before).toBeLessThanOrEqual(mostHeld);
});
