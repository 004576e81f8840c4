import type { FormattedExecutionResult } from 'graphql';

import type { Clock } from '../../streams/clock.ts';
import { withHeartbeat } from '../live/with-heartbeat.ts';

/**
 * Results as server-sent events (graphql-sse, "distinct connections mode"): `next` for each, `complete` at the end;
 * a comment where nothing came for a while. A result is pulled when the one before was taken.
 */
export async function* sseOf(
  results: AsyncIterable<FormattedExecutionResult>,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<string> {
  yield ': the stream stands\n\n';
  for await (const result of withHeartbeat(results, clock)) {
    yield result === null ? ': still here\n\n' : `event: next\ndata: ${JSON.stringify(result)}\n\n`;
  }
  // Browsers need a data line for a named event to be dispatched.
  if (!signal.aborted) yield 'event: complete\ndata:\n\n';
}
