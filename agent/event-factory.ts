import type { agentEventTypes } from '../contracts/event.ts';

/** What the agent sends; the values of `agentEventTypes`. */
export type AgentEventType = (typeof agentEventTypes)[keyof typeof agentEventTypes];

/** An event on its way to the spool. Its JSON is made once: a resend has the same bytes, so the same id. */
export interface AgentEvent {
  readonly type: AgentEventType;
  readonly json: string;
}

export interface EventFactory {
  /** An event of `data` at `timeMs`; `id` where what is reported has an identity of its own, as a log line has. */
  create(type: AgentEventType, data: unknown, timeMs: number, id?: string): AgentEvent;
}

/**
 * Makes this device's CloudEvents 1.0. `runId` is unique to this start: an event without an identity of its
 * own is named `<runId>-<n>`, so no two events of a device share an id, whatever the last start did.
 */
export function createEventFactory(deviceId: string, runId: string): EventFactory {
  const source = `/agents/${deviceId}`;
  let made = 0;
  return {
    create(type, data, timeMs, id = `${runId}-${(made += 1).toString(36)}`) {
      const time = new Date(timeMs).toISOString();
      const json = JSON.stringify({ specversion: '1.0', id, source, type, time, subject: deviceId, data });
      return { type, json };
    },
  };
}
