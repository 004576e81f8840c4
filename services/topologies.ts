import { randomInt } from 'node:crypto';

import type { Log } from '../brokers/log.ts';
import type { Messaging } from '../brokers/messaging.ts';
import { topics } from '../contracts/topics.ts';
import { relay } from '../pipelines/relay.ts';
import { telemetry } from '../pipelines/telemetry.ts';
import type { Clock } from '../streams/clock.ts';
import { createRandom } from '../streams/random.ts';
import { type Running, type RunOptions, runTopology } from '../streams/run.ts';
import type { Settings } from './settings.ts';

const dayMs = 86_400_000;

/** Messaging to log. Its source and its run go on `stack`, so that disposing finishes the batch in hand first. */
export async function startRelay(
  deps: { readonly log: Log; readonly messaging: Messaging; readonly clock: Clock },
  stack: AsyncDisposableStack,
): Promise<Running> {
  const source = stack.use(await deps.messaging.consume(relay.name));
  return stack.use(runTopology(relay, { ...runOptions(deps), source }));
}

/** Raw to enriched. Its source and its run go on `stack`. */
export async function startTelemetry(
  deps: { readonly log: Log; readonly clock: Clock; readonly settings: Settings },
  stack: AsyncDisposableStack,
): Promise<Running> {
  const topology = telemetry({
    windowMs: deps.settings.OPENFRAME_DEDUPE_WINDOW_SECONDS * 1000,
    marksRetentionMs: dayMs,
  });
  const source = stack.use(await deps.log.source({ group: topology.name, topics: [topics.raw] }));
  return stack.use(runTopology(topology, { ...runOptions(deps), source }));
}

function runOptions({
  log,
  clock,
}: {
  readonly log: Log;
  readonly clock: Clock;
}): Omit<RunOptions, 'source'> {
  return {
    log,
    deadLetterTopic: topics.deadLetters,
    clock,
    random: createRandom(randomInt(2 ** 32)),
    stopwatchMs: () => performance.now(),
    lingerMs: 15,
  };
}
