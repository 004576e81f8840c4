import { createDeadLetterStore, type DeadLetterStore } from '../pipelines/dead-letter-store.ts';
import { type Trace, traceEvent } from '../pipelines/trace.ts';
import { verify, type VerifyOptions, type VerifyReport } from '../pipelines/verify.ts';
import type { Clock } from '../streams/clock.ts';
import type { Stores } from './stores.ts';

/** What an operator does with a data folder: on the open stores, or through the server that runs on them. */
export interface Operations {
  readonly deadLetters: DeadLetterStore;
  trace(eventId: string): Promise<Trace>;
  verify(options: VerifyOptions): Promise<VerifyReport>;
}

export function createOperations(
  stores: Pick<Stores, 'messaging' | 'log' | 'eventLog' | 'analytics'>,
  clock: Clock,
): Operations {
  const deps = { ...stores, clock };
  return {
    deadLetters: createDeadLetterStore(stores.log, clock),
    trace: (eventId) => traceEvent(deps, eventId),
    verify: (options) => verify(deps, options),
  };
}
