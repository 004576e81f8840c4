import { expect, it } from 'vitest';

import { describeMessaging } from '../../conformance/messaging.ts';
import { publishingLaws } from '../../conformance/messaging-laws/publishing.ts';
import { engineAddresses } from '../../tests/engines/engine-addresses.ts';
import { createNatsSubject, roomyLimits } from './nats-subject.fixture.ts';

const largeBatches = 'takes large batches and compressed ones';

describeMessaging('NATS JetStream', {
  create: () => createNatsSubject(engineAddresses().OPENFRAME_NATS_URL),
  deviations: {
    [largeBatches]:
      "each record is a message, uncompressed: this law's do not fit in 64 KiB; below it is held in a larger stream",
  },
});

it(`${largeBatches}, in a larger stream`, async () => {
  await using subject = await createNatsSubject(engineAddresses().OPENFRAME_NATS_URL, {
    options: roomyLimits,
  });
  const law = publishingLaws[largeBatches];
  expect(law).toBeDefined();
  await law?.(subject);
});
