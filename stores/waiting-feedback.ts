import { type AlertFeedback, type AlertOutcome, feedbackOn } from '../contracts/alert-feedback.ts';
import type { Alert, AlertStep } from '../contracts/alert.ts';
import type { TenantScope } from '../contracts/tenant.ts';
import type { Clock } from '../streams/clock.ts';
import type { AlertAction } from './alert-life.ts';
import type { AlertReader } from './alert-reader.ts';
import type { DocumentScope, DocumentStore } from './documents.ts';
import { readStepId } from './step-id.ts';

const collection = 'alert-feedback';
/** A step that does not come for so long after it was announced was never made. */
const announcedMs = 60_000;
const teaching: ReadonlySet<AlertAction['action']> = new Set(['feedback', 'resolve', 'reopen', 'undo']);

/** Feedback that the stream is to be given, and what says that it is. */
export interface WaitingFeedback {
  readonly scope: TenantScope;
  readonly feedback: AlertFeedback;
  readonly reportedMs: number;
  readonly noteId: string;
}

/**
 * Announces the step that is about to be made on an alert, before it is durable, where the stream may learn from it:
 * whoever dies between the two, or before the stream has it, leaves the note behind.
 */
export async function announceStep(
  documents: DocumentStore,
  scope: DocumentScope,
  stepId: string,
  { action }: AlertAction,
  nowMs: number,
): Promise<void> {
  if (teaching.has(action)) await documents.put(scope, collection, stepId, { atMs: nowMs });
}

/** Feedback of all tenants that the stream may not have yet. */
export async function waitingFeedback(deps: {
  readonly documents: DocumentStore;
  readonly alerts: Pick<AlertReader, 'get'>;
  readonly clock: Pick<Clock, 'nowMs'>;
}): Promise<readonly WaitingFeedback[]> {
  const { documents, alerts, clock } = deps;
  const waiting: WaitingFeedback[] = [];
  for await (const page of documents.scan<{ readonly atMs: number }>(collection)) {
    for (const { scope, id, document } of page) {
      const { alertId, at } = readStepId(id);
      const alert = await alerts.get(scope, alertId);
      const made = alert !== null && alert.steps.length > at;
      if (made) waiting.push({ scope, ...feedbackOf(alert), noteId: id });
      else if (clock.nowMs() - document.atMs > announcedMs) await documents.delete(scope, collection, id);
    }
  }
  return waiting;
}

/** The stream has it, durably. */
export async function settleFeedback(
  documents: DocumentStore,
  { scope, noteId }: WaitingFeedback,
): Promise<void> {
  await documents.delete(scope, collection, noteId);
}

function feedbackOf(alert: Alert): Pick<WaitingFeedback, 'feedback' | 'reportedMs'> {
  const { steps, lastEventTimeMs } = alert;
  const atMs = steps.at(-1)?.atMs ?? lastEventTimeMs;
  const feedback = feedbackOn(alert, { steps: steps.length, outcome: outcomeOf(alert), atMs });
  return { feedback, reportedMs: lastEventTimeMs };
}

/** A verdict counts; without one, what somebody took up and resolved was likely of use. */
function outcomeOf({ verdict, status, resolveWhenClear, steps }: Alert): AlertOutcome | null {
  if (verdict !== null) return verdict;
  return (status === 'RESOLVED' || resolveWhenClear) && steps.some(takesUp) ? 'handled' : null;
}

function takesUp({ action, detail }: AlertStep): boolean {
  return action === 'acknowledge' || (action === 'assign' && detail !== null);
}
