import type { Messaging } from '../../brokers/messaging.ts';
import { relay } from '../../pipelines/relay.ts';
import { runTopology } from '../../streams/run.ts';
import type { Running } from '../../streams/running.ts';
import { type PipelineDeps, runOptions } from './run-options.ts';

/** Messaging to log. Its source and its run go on `stack`, so that disposing finishes the batch in hand first. */
export async function startRelay(
  deps: PipelineDeps & { readonly messaging: Messaging },
  stack: AsyncDisposableStack,
): Promise<Running> {
  const source = stack.use(await deps.messaging.consume(relay.name));
  return stack.use(runTopology(relay, { ...runOptions(deps, relay.name), source }));
}
