import {
  type Alert,
  type AlertStatus,
  type AlertStep,
  type AlertVerdict,
  alertVerdicts,
  type StreamedAlert,
} from '../contracts/alert.ts';
import { OpenFrameError } from '../contracts/errors.ts';

/** What somebody wants done with an alert. */
export type AlertAction =
  | { readonly action: 'acknowledge' | 'reopen' | 'undo' }
  | { readonly action: 'snooze'; readonly untilMs: number }
  /** `whenClear`: as soon as it no longer fires; without it a firing alert is not resolved. */
  | { readonly action: 'resolve'; readonly whenClear: boolean }
  | { readonly action: 'assign'; readonly assignee: string | null }
  | { readonly action: 'comment'; readonly text: string }
  | { readonly action: 'feedback'; readonly verdict: AlertVerdict };

/** People's part of an alert: what its steps, in order, come to. */
export interface AlertLife {
  readonly status: Exclude<AlertStatus, 'SNOOZED'>;
  readonly assignee: string | null;
  readonly snoozedUntilMs: number | null;
  readonly resolveWhenClear: boolean;
  readonly verdict: AlertVerdict | null;
}

const untouched: AlertLife = {
  status: 'OPEN',
  assignee: null,
  snoozedUntilMs: null,
  resolveWhenClear: false,
  verdict: null,
};

/** The life that the steps, oldest first, come to. `undo` takes back the newest step that changed anything. */
export function lifeOf(steps: readonly AlertStep[]): AlertLife {
  const lives: AlertLife[] = [untouched];
  for (const step of steps) {
    const life = lives.at(-1) ?? untouched;
    if (step.action === 'undo') {
      if (lives.length > 1) lives.pop();
    } else if (step.action !== 'comment') lives.push(after(life, step));
  }
  return lives.at(-1) ?? untouched;
}

/** A snooze survives whatever else happens; resolving and reopening leave it as it is. */
function after(life: AlertLife, { action, detail }: AlertStep): AlertLife {
  switch (action) {
    case 'acknowledge':
      return { ...life, status: 'ACKNOWLEDGED' };
    case 'snooze':
      return { ...life, snoozedUntilMs: Number(detail) };
    case 'resolve':
      return { ...life, status: 'RESOLVED', resolveWhenClear: false };
    case 'resolve-when-clear':
      return { ...life, resolveWhenClear: true };
    case 'reopen':
      return { ...life, status: 'OPEN', resolveWhenClear: false };
    case 'assign':
      return { ...life, assignee: detail };
    case 'feedback':
      return { ...life, verdict: alertVerdicts.find((verdict) => verdict === detail) ?? null };
    case 'comment':
    case 'undo':
      return life;
  }
}

/** An alert as it is answered. `snoozedUntilMs`: the latest of any alert with the same fingerprint. */
export function alertOf(
  streamed: StreamedAlert,
  steps: readonly AlertStep[],
  snoozedUntilMs: number,
  nowMs: number,
): Alert {
  const life = lifeOf(steps);
  const untilMs = Math.max(life.snoozedUntilMs ?? 0, snoozedUntilMs);
  const snoozed = untilMs > nowMs;
  const cleared = life.resolveWhenClear && streamed.state === 'OK';
  const resolved = life.status === 'RESOLVED' || cleared;
  return {
    ...streamed,
    ...life,
    status: resolved ? 'RESOLVED' : snoozed ? 'SNOOZED' : life.status,
    snoozedUntilMs: snoozed ? untilMs : null,
    steps: [...steps],
  };
}

/**
 * The step that an action is. Throws `ALERT_STILL_FIRING` for resolving what goes on, and `ARGUMENT_INVALID` for
 * reopening what is not resolved, a snooze into the past, or undoing nothing.
 */
export function stepOf(alert: Alert, action: AlertAction, by: string, nowMs: number): AlertStep {
  const step = { atMs: nowMs, by, before: alert.status } as const;
  switch (action.action) {
    case 'acknowledge':
      return { ...step, action: 'acknowledge', detail: null, after: 'ACKNOWLEDGED' };
    case 'snooze':
      if (action.untilMs <= nowMs) throw refused('A snooze must end in the future.', alert);
      return { ...step, action: 'snooze', detail: String(action.untilMs), after: 'SNOOZED' };
    case 'resolve':
      return resolveStep(alert, action.whenClear, step);
    case 'reopen':
      if (alert.status !== 'RESOLVED') throw refused('Only a resolved alert is reopened.', alert);
      return { ...step, action: 'reopen', detail: null, after: 'OPEN' };
    case 'assign':
      return { ...step, action: 'assign', detail: action.assignee, after: alert.status };
    case 'comment':
      return { ...step, action: 'comment', detail: action.text, after: alert.status };
    case 'feedback':
      return { ...step, action: 'feedback', detail: action.verdict, after: alert.status };
    case 'undo':
      return undoStep(alert, step);
  }
}

type StepStart = Pick<AlertStep, 'atMs' | 'by' | 'before'>;

function resolveStep(alert: Alert, whenClear: boolean, step: StepStart): AlertStep {
  if (alert.state === 'OK') return { ...step, action: 'resolve', detail: null, after: 'RESOLVED' };
  if (whenClear) return { ...step, action: 'resolve-when-clear', detail: null, after: alert.status };
  throw new OpenFrameError(
    'ALERT_STILL_FIRING',
    'The alert still fires, so it would open again at once: resolve it with "whenClear", snooze it, or wait.',
    { details: { alertId: alert.alertId, lastEventTimeMs: alert.lastEventTimeMs } },
  );
}

function undoStep(alert: Alert, step: StepStart): AlertStep {
  const undone: AlertStep = { ...step, action: 'undo', detail: null, after: alert.status };
  const before = lifeOf(alert.steps);
  const then = lifeOf([...alert.steps, undone]);
  if (before === then) throw refused('There is nothing to undo.', alert);
  return { ...undone, after: then.status };
}

function refused(message: string, alert: Alert): OpenFrameError {
  return new OpenFrameError('ARGUMENT_INVALID', message, {
    details: { alertId: alert.alertId, status: alert.status },
  });
}
