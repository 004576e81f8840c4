import { expect, it } from 'vitest';

import { createFrameLane, type FrameLane } from './frame-lane.ts';
import { createIngestContext } from './ingest-context.ts';
import { event } from './events.fixture.ts';
import { createTestGateway } from './gateway.fixture.ts';

interface Line extends AsyncDisposable {
  readonly lane: FrameLane;
  readonly state: { paused: boolean; answers: number };
  /** Lets one publish through; resolves once all frames pushed so far are answered. */
  open(): void;
  answered(count: number): Promise<void>;
}

/** A lane whose messaging stands still until it is opened. */
async function closedLane(): Promise<Line> {
  const gate = Promise.withResolvers<void>();
  const gateway = await createTestGateway({
    wrap: (messaging) => ({
      ...messaging,
      publish: async (batch) => {
        await gate.promise;
        return messaging.publish(batch);
      },
    }),
  });
  const state = { paused: false, answers: 0 };
  let wake = (): void => undefined;
  const lane = createFrameLane(createIngestContext(gateway.deps), await gateway.token(), {
    send: async () => {
      state.answers++;
      wake();
    },
    pause: () => (state.paused = true),
    resume: () => (state.paused = false),
    close: () => undefined,
  });
  return {
    lane,
    state,
    open: gate.resolve,
    answered: async (count) => {
      while (state.answers < count) await new Promise<void>((resolve) => (wake = resolve));
    },
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

it('pauses a sender that is faster than the disk, and reads on once that has caught up', async () => {
  await using line = await closedLane();
  for (let i = 0; i < 1_001; i++) line.lane.push(JSON.stringify(event({ id: `e${i}` })));
  expect(line.state).toEqual({ paused: true, answers: 0 });
  line.open();
  await line.answered(1_001);
  expect(line.state.paused).toBe(false);
});

it('pauses a sender of few but large frames', async () => {
  await using line = await closedLane();
  const large = JSON.stringify(event({ data: 'x'.repeat(900_000) }));
  for (let i = 0; i < 4; i++) line.lane.push(large);
  expect(line.state.paused).toBe(false);
  for (let i = 0; i < 2; i++) line.lane.push(large);
  expect(line.state.paused).toBe(true);
  line.open();
  await line.answered(6);
  expect(line.state.paused).toBe(false);
});

it('forgets what waits when the connection is gone', async () => {
  await using line = await closedLane();
  for (let i = 0; i < 900; i++) line.lane.push(JSON.stringify(event({ id: `e${i}` })));
  line.lane.close();
  line.open();
  await line.answered(1);
  await new Promise((resolve) => setImmediate(resolve));
  expect(line.state.answers).toBeLessThanOrEqual(200);
});
