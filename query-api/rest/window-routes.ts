import { z } from 'zod';

import {
  type KeptWindow,
  keptWindowSchema,
  maintenanceWindowSchema,
} from '../../contracts/maintenance-window.ts';
import type { Role } from '../../contracts/tenant.ts';
import type { WindowRegistry } from '../../stores/window-registry.ts';
import { textParameter } from './parameters.ts';
import { actRoute, jsonType, noParameters, pageOf, readRoute, type RestRoute } from './route.ts';

const planners: readonly Role[] = ['technician', 'operator', 'admin'];

const answeredWindowSchema = keptWindowSchema
  .omit({ changedAtMs: true })
  .extend({ changedAt: z.iso.datetime().nullable() })
  .meta({ id: 'MaintenanceWindow' });

export interface WindowRouteDeps {
  readonly windows: Pick<WindowRegistry, 'list' | 'set' | 'remove'>;
}

/** Maintenance windows: times in which trouble is expected. */
export function createWindowRoutes({ windows }: WindowRouteDeps): RestRoute[] {
  const page = pageOf(answeredWindowSchema);
  const params = z.strictObject({ windowId: textParameter('The window.', 64) });
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
      roles: planners,
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
      roles: planners,
      handle: async ({ principal, params: { windowId } }) => {
        await windows.remove(principal, windowId);
        return { items: (await windows.list(principal)).map(toAnswer), nextCursor: null };
      },
    }),
  ];
}

function toAnswer({ changedAtMs, ...window }: KeptWindow) {
  return { ...window, changedAt: changedAtMs === null ? null : new Date(changedAtMs).toISOString() };
}
