import { z } from 'zod';

import { deviceParentSchema, type KeptParent, keptParentSchema } from '../../contracts/device-parent.ts';
import type { Role } from '../../contracts/tenant.ts';
import type { ParentRegistry } from '../../stores/parent-registry.ts';
import { textParameter } from './parameters.ts';
import { actRoute, jsonType, noParameters, pageOf, readRoute, type RestRoute } from './route.ts';

/** Who may say which devices depend on which. */
export const parentAuthors: readonly Role[] = ['technician', 'operator', 'admin'];

const answeredParentSchema = keptParentSchema
  .omit({ changedAtMs: true })
  .extend({ changedAt: z.iso.datetime().nullable() })
  .meta({ id: 'DeviceParent' });
const page = pageOf(answeredParentSchema);

export interface ParentRouteDeps {
  readonly parents: Pick<ParentRegistry, 'list' | 'set' | 'remove'>;
}

/** Which devices depend on which: a silent parent is told of, and its devices under it. */
export function createParentRoutes({ parents }: ParentRouteDeps): RestRoute[] {
  return [
    readRoute({
      query: noParameters,
      params: noParameters,
      path: '/parents',
      operationId: 'listDeviceParents',
      summary: 'Which devices depend on which',
      tag: 'devices',
      description: 'Each parent with its devices, by parent.',
      content: { [jsonType]: page },
      handle: async ({ principal }) => ({
        items: (await parents.list(principal)).map(parentAnswer),
        nextCursor: null,
      }),
    }),
    actRoute({
      path: '/parents',
      operationId: 'setDeviceParent',
      summary: 'Say which devices depend on one',
      tag: 'devices',
      params: noParameters,
      body: deviceParentSchema,
      description:
        'The parent with its devices, in the place of those before; it counts within 5 s. Each device has one parent, ' +
        'and none depends on itself: else 400 with the way around.',
      content: { [jsonType]: answeredParentSchema },
      roles: parentAuthors,
      handle: async ({ principal, body }) => parentAnswer(await parents.set(principal, body)),
    }),
    actRoute({
      path: '/parents/{parentId}/remove',
      operationId: 'removeDeviceParent',
      summary: 'Let nothing depend on a device',
      tag: 'devices',
      params: z.strictObject({ parentId: textParameter('The parent.', 256) }),
      body: noParameters,
      description: 'The parents that are left.',
      content: { [jsonType]: page },
      roles: parentAuthors,
      handle: async ({ principal, params: { parentId } }) => {
        await parents.remove(principal, parentId);
        return { items: (await parents.list(principal)).map(parentAnswer), nextCursor: null };
      },
    }),
  ];
}

/** A parent as HTTP and GraphQL answer it. */
export function parentAnswer({ changedAtMs, ...parent }: KeptParent) {
  return { ...parent, changedAt: changedAtMs === null ? null : new Date(changedAtMs).toISOString() };
}
