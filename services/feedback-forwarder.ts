import type { Log } from '../brokers/log.ts';
import { sendFeedback } from '../pipelines/feedback-batch.ts';
import type { AlertReader } from '../stores/alert-reader.ts';
import type { DocumentStore } from '../stores/documents.ts';
import { settleFeedback, waitingFeedback } from '../stores/waiting-feedback.ts';
import type { Clock } from '../streams/clock.ts';
import { startRounds } from './rounds.ts';

const lookEveryMs = 1_000;

export interface FeedbackDeps {
  readonly documents: DocumentStore;
  readonly alerts: Pick<AlertReader, 'get'>;
  readonly log: Pick<Log, 'append' | 'partitionCount'>;
  readonly clock: Clock;
}

/** Hands the stream what people made of alerts since. What was handed and not noted as such goes again: it changes nothing. */
export async function forwardFeedback(deps: FeedbackDeps): Promise<void> {
  for (const waiting of await waitingFeedback(deps)) {
    const { scope, feedback, reportedMs } = waiting;
    await sendFeedback(deps.log, { tenantId: scope.tenantId, feedback, reportedMs });
    await settleFeedback(deps.documents, waiting);
  }
}

/** Forwards every second until it is disposed of. Several processes may do so side by side. */
export function startFeedbackForwarder(
  deps: FeedbackDeps & { readonly onFault: (message: string) => void },
): AsyncDisposable {
  const onFault = (reason: string): void =>
    deps.onFault(`Feedback could not be handed to the stream and is tried again: ${reason}`);
  return startRounds({ clock: deps.clock, everyMs: lookEveryMs, onFault }, () => forwardFeedback(deps));
}
