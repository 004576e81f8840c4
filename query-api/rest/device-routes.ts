import { z } from 'zod';

import { deviceSchema, deviceStatuses } from '../../contracts/device.ts';
import { OpenFrameError } from '../../contracts/errors.ts';
import type { DeviceFacet } from '../../stores/device-registry.ts';
import { deviceIdLength, devicePage, type DeviceReader } from '../questions/device-page.ts';
import { type AskCompleteness, withCompleteness } from '../questions/completeness.ts';
import { nextCursorOf } from '../questions/event-page.ts';
import { cursorParameter } from './event-routes.ts';
import { choiceParameter, textParameter, wholeNumberParameter } from './parameters.ts';
import { completenessShape, jsonType, noParameters, pageOf, readRoute, type RestRoute } from './route.ts';

const answeredDeviceSchema = deviceSchema.meta({ id: 'Device' });
const facetSchema = z.array(
  z.strictObject({ value: z.string().nullable().describe('null: it is not known.'), count: z.int() }),
);
const facetsSchema = z.strictObject({
  facets: z.strictObject({ status: facetSchema, organizationId: facetSchema, platform: facetSchema }),
  ...completenessShape,
});

interface DeviceRouteDeps {
  readonly devices: DeviceReader;
  readonly completeness: AskCompleteness;
}

export function createDeviceRoutes(deps: DeviceRouteDeps): RestRoute[] {
  return [listRoute(deps), facetsRoute(deps), deviceRoute(deps.devices)];
}

function listRoute({ devices, completeness }: DeviceRouteDeps): RestRoute {
  return readRoute({
    params: noParameters,
    path: '/devices',
    operationId: 'listDevices',
    summary: 'Devices, by id',
    tag: 'devices',
    description: 'A page of devices in ascending order of their ids.',
    query: z.strictObject({
      status: choiceParameter('Whether the device reported lately.', deviceStatuses).optional(),
      organizationId: textParameter('Devices of one organization.', 128).optional(),
      search: textParameter('Part of the id, host name or organization, in any case.', 256).optional(),
      limit: wholeNumberParameter('Most devices of a page.', 1, 1000, 50),
      cursor: cursorParameter.optional(),
    }),
    content: { [jsonType]: pageOf(answeredDeviceSchema).extend(completenessShape) },
    handle: ({ principal, query: { limit, cursor, ...filter } }) =>
      withCompleteness(completeness, principal, async () => {
        const page = await devicePage(devices, principal, filter, { limit, cursor });
        return { items: page.items, nextCursor: nextCursorOf(page) };
      }),
  });
}

function facetsRoute({ devices, completeness }: DeviceRouteDeps): RestRoute {
  return readRoute({
    query: noParameters,
    params: noParameters,
    path: '/devices/facets',
    operationId: 'getDeviceFacets',
    summary: 'How many devices there are by status, organization and platform',
    tag: 'devices',
    description: 'For each facet its values, most frequent first.',
    content: { [jsonType]: facetsSchema },
    handle: ({ principal }) =>
      withCompleteness(completeness, principal, async () => {
        const { status, organizationId, platform } = await devices.facets(principal);
        return {
          facets: {
            status: counted(status),
            organizationId: counted(organizationId),
            platform: counted(platform),
          },
        };
      }),
  });
}

function counted(facet: readonly DeviceFacet[]) {
  return facet.map(({ key, count }) => ({ value: key, count }));
}

function deviceRoute(devices: DeviceReader): RestRoute {
  return readRoute({
    query: noParameters,
    path: '/devices/{deviceId}',
    operationId: 'getDevice',
    summary: 'One device',
    tag: 'devices',
    description: 'The device with its inventory.',
    params: z.strictObject({ deviceId: textParameter('The device.', deviceIdLength) }),
    content: { [jsonType]: answeredDeviceSchema },
    async handle({ principal, params: { deviceId } }) {
      const device = await devices.get(principal, deviceId);
      if (device !== null) return device;
      throw new OpenFrameError('NOT_FOUND', `No device has the id ${JSON.stringify(deviceId)}.`, {
        details: { deviceId },
      });
    },
  });
}
