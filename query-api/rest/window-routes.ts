import { z } from 'zod';

import {
  type KeptWindow,
  keptWindowSchema,
  maintenanceWindowSchema,
  type PlannedWindow,
} from '../../contracts/maintenance-window.ts';
import type { Role } from '../../contracts/tenant.ts';
import type { WindowRegistry } from '../../stores/window-registry.ts';
import type { Clock } from '../../streams/clock.ts';
import type { WindowPlans } from '../questions/window-plans.ts';
import { textParameter } from './parameters.ts';
import { actRoute, jsonType, noParameters, pageOf, readRoute, type RestRoute } from './route.ts';

/** Who may plan windows. */
export const windowPlanners: readonly Role[] = ['technician', 'operator', 'admin'];

const time = z.iso.datetime();
const timesSchema = z
  .array(z.object({ start: time, end: time }))
  .describe('The time that goes on, if one does, and the next ones.');
const answeredWindowSchema = keptWindowSchema
  .omit({ changedAtMs: true, endedMs: true })
  .extend({ changedAt: time.nullable(), endedAt: time.nullable(), times: timesSchema })
  .meta({ id: 'MaintenanceWindow' });
const timesListed = 3;
const timesPreviewed = 5;

export interface WindowRouteDeps {
  readonly windows: Pick<WindowRegistry, 'list' | 'set' | 'end' | 'remove'>;
  readonly windowPlans: WindowPlans;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** Maintenance windows: times in which trouble is expected. */
export function createWindowRoutes(deps: WindowRouteDeps): RestRoute[] {
  return [...keepRoutes(deps), ...timeRoutes(deps)];
}

const page = pageOf(answeredWindowSchema);
const params = z.strictObject({ windowId: textParameter('The window.', 64) });

function keepRoutes({ windows, windowPlans, clock }: WindowRouteDeps): RestRoute[] {
  const toAnswer = (window: KeptWindow) => windowAnswer(windowPlans, window, clock.nowMs());
  return [
    readRoute({
      query: noParameters,
      params: noParameters,
      path: '/windows',
      operationId: 'listWindows',
      summary: 'Maintenance windows',
      tag: 'windows',
      description: 'The windows of the tenant, by id, with those that are over.',
      content: { [jsonType]: page },
      handle: async ({ principal }) => ({
        items: (await windows.list(principal)).map(toAnswer),
        nextCursor: null,
      }),
    }),
    actRoute({
      path: '/windows',
      operationId: 'setWindow',
      summary: 'Plan a maintenance window',
      tag: 'windows',
      params: noParameters,
      body: maintenanceWindowSchema,
      description: 'The window as it is kept, in the place of the one with its id; it counts within 5 s.',
      content: { [jsonType]: answeredWindowSchema },
      roles: windowPlanners,
      handle: async ({ principal, body }) => toAnswer(await windows.set(principal, body)),
    }),
    actRoute({
      path: '/windows/{windowId}/remove',
      operationId: 'removeWindow',
      summary: 'Take a maintenance window away',
      tag: 'windows',
      params,
      body: noParameters,
      description: 'The windows that are left. What this one hides and goes on is shown within 10 s.',
      content: { [jsonType]: page },
      roles: windowPlanners,
      handle: async ({ principal, params: { windowId } }) => {
        await windows.remove(principal, windowId);
        return { items: (await windows.list(principal)).map(toAnswer), nextCursor: null };
      },
    }),
  ];
}

/** What is about when they are. */
function timeRoutes({ windows, windowPlans, clock }: WindowRouteDeps): RestRoute[] {
  return [
    actRoute({
      path: '/windows/preview',
      operationId: 'previewWindow',
      summary: 'When a window would be',
      tag: 'windows',
      params: noParameters,
      body: maintenanceWindowSchema,
      description: 'The next five times of a window that is not planned yet; nothing is kept.',
      content: { [jsonType]: z.strictObject({ times: timesSchema }).meta({ id: 'WindowPreview' }) },
      roles: windowPlanners,
      handle: ({ body }) =>
        Promise.resolve({ times: timesOf(windowPlans, body, clock.nowMs(), timesPreviewed) }),
    }),
    actRoute({
      path: '/windows/{windowId}/end',
      operationId: 'endWindow',
      summary: 'End a maintenance window now',
      tag: 'windows',
      params,
      body: noParameters,
      description: 'The window: the time that goes on is over, and later ones stay planned.',
      content: { [jsonType]: answeredWindowSchema },
      roles: windowPlanners,
      handle: async ({ principal, params: { windowId } }) =>
        windowAnswer(windowPlans, await windows.end(principal, windowId), clock.nowMs()),
    }),
  ];
}

/** A window as HTTP and GraphQL answer it. */
export function windowAnswer(
  plans: WindowPlans,
  { changedAtMs, endedMs, ...window }: KeptWindow,
  nowMs: number,
) {
  const planned = endedMs === undefined ? window : { ...window, endedMs };
  return {
    ...window,
    changedAt: changedAtMs === null ? null : rfc3339(changedAtMs),
    endedAt: endedMs === undefined ? null : rfc3339(endedMs),
    times: timesOf(plans, planned, nowMs, timesListed),
  };
}

function timesOf(plans: WindowPlans, window: PlannedWindow, nowMs: number, count: number) {
  return plans.times(window, nowMs, count).map(({ startMs, endMs }) => {
    return { start: rfc3339(startMs), end: rfc3339(endMs) };
  });
}

function rfc3339(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
