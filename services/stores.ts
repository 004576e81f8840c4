import { checkRule } from '../alerting/rules/check-rule.ts';
import { defaultRules } from '../alerting/rules/default-rules.ts';
import { occurrencesOf } from '../alerting/windows/occurrences.ts';
import type { Tokens } from '../agent-gateway/tokens.ts';
import { type AlertRegistry, createAlertRegistry } from '../stores/alert-registry.ts';
import { createDeviceRegistry, type DeviceRegistry } from '../stores/device-registry.ts';
import type { DocumentStore } from '../stores/documents.ts';
import { createParentRegistry, type ParentRegistry } from '../stores/parent-registry.ts';
import { createRuleRegistry, type RuleRegistry } from '../stores/rule-registry.ts';
import { createTriageBook, type TriageBook } from '../stores/triage-book.ts';
import { createWindowRegistry, type WindowRegistry } from '../stores/window-registry.ts';
import type { Clock } from '../streams/clock.ts';
import type { Sink } from '../streams/sink.ts';
import { type EnginePorts, type Engines, openEngines } from './engines.ts';
import { type Notifications, openNotifications } from './notifications.ts';
import { takingTurns } from './taking-turns.ts';
import { openTokens } from './tokens.ts';

export function openRules(documents: DocumentStore, clock: Clock): RuleRegistry {
  return createRuleRegistry({ documents, clock, defaults: defaultRules, check: checkRule });
}

export function openWindows(documents: DocumentStore, clock: Clock): WindowRegistry {
  return createWindowRegistry({ documents, clock, check: (window) => void occurrencesOf(window) });
}

/** What is kept as documents. `shared`: other processes write as well. */
export function storesOn(documents: DocumentStore, clock: Clock, shared: boolean) {
  const alerts = createAlertRegistry({ documents, clock, shared });
  return {
    devices: createDeviceRegistry({ documents, clock, shared }),
    alerts,
    rules: openRules(documents, clock),
    windows: openWindows(documents, clock),
    parents: createParentRegistry({ documents, clock }),
    notifications: openNotifications(documents, alerts, clock),
    triages: createTriageBook(documents),
    tokens: openTokens(documents, clock),
  };
}

/** Every store of a profile, opened by one process, and what is built on them. */
export interface Stores extends EnginePorts, AsyncDisposable {
  readonly devices: DeviceRegistry;
  readonly alerts: AlertRegistry;
  readonly rules: RuleRegistry;
  readonly windows: WindowRegistry;
  readonly parents: ParentRegistry;
  readonly notifications: Notifications;
  readonly triages: TriageBook;
  readonly tokens: Tokens;
  /** The ways to write into two of them: for a pipeline and a rebuild at the same time. */
  readonly writers: { readonly eventLog: Sink; readonly analytics: Sink };
}

export async function openStores(engines: Engines, clock: Clock): Promise<Stores> {
  await using opening = new AsyncDisposableStack();
  const names = ['documents', 'messaging', 'log', 'eventLog', 'analytics', 'cache'] as const;
  const ports = await openEngines(engines, names, opening);
  const opened = opening.move();
  return {
    ...ports,
    ...storesOn(ports.documents, clock, false),
    writers: { eventLog: takingTurns(ports.eventLog), analytics: takingTurns(ports.analytics) },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
