import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { z } from 'zod';

import { deviceSchema } from '../../contracts/device.ts';
import { storedEventSchema } from '../../contracts/event.ts';
import { createManualClock } from '../../streams/clock.ts';
import { enrichedEvent, fixtureTimeMs } from './enriched-events.ts';
import { createRestApp } from './rest-app.ts';
import { openRestStores, type RestStores } from './rest-stores.ts';

const minuteMs = 60_000;

export const fullDisk = enrichedEvent(7, {
  eventType: 'DISK_FULL',
  severity: 'ERROR',
  deviceId: 'd2',
  hostname: 'srv-02',
  organizationId: 'org-1',
  organizationName: 'First',
  summary: "disk /dev/sda1 is full'; DROP TABLE events; --",
  data: { mount: '/', labels: ['a'] },
});

const cpu = (number: number, value: number) =>
  enrichedEvent(number, {
    eventTime: fixtureTimeMs + (number - 20) * minuteMs,
    sourceType: 'openframe.metrics',
    eventType: 'SYSTEM_METRICS',
    severity: 'DEBUG',
    data: { samples: [{ name: 'system.cpu.utilization', value, unit: '1', labels: { cpu: '0' } }] },
  });

/** Of acme: six lines of a log, a failure and three measurements, a minute apart; of umbrella: one event. */
export const populatedEvents = [
  ...Array.from({ length: 6 }, (_, i) => enrichedEvent(i + 1)),
  fullDisk,
  cpu(20, 0.25),
  cpu(21, 0.75),
  cpu(22, 0.5),
  enrichedEvent(99, {
    tenantId: 'umbrella',
    deviceId: 'u1',
    summary: 'secret of umbrella',
    organizationId: 'org-u',
  }),
];

const pageSchema = z.object({ items: z.array(storedEventSchema), nextCursor: z.string().nullable() });
const devicePageSchema = z.object({ items: z.array(deviceSchema), nextCursor: z.string().nullable() });
const problemSchema = z.object({
  status: z.number(),
  code: z.string(),
  detail: z.string(),
  details: z.looseObject({ field: z.string().optional() }).optional(),
});

/** The API over two tenants' events and devices, asked as a caller asks it. Tokens read `<tenant>.<role>`. */
export interface PopulatedRest extends AsyncDisposable {
  readonly app: FastifyInstance;
  readonly stores: RestStores;
  get(path: string, token?: string, headers?: Record<string, string>): Promise<LightMyRequestResponse>;
  /** The JSON of an answer; throws where it is another than 200. */
  answer(path: string, token?: string): Promise<unknown>;
  events(path: string, token?: string): Promise<z.infer<typeof pageSchema>>;
  devices(path: string, token?: string): Promise<z.infer<typeof devicePageSchema>>;
  /** The refusal; throws where there is none. */
  problem(path: string, token?: string): Promise<z.infer<typeof problemSchema>>;
}

export async function openPopulatedRest(): Promise<PopulatedRest> {
  await using opening = new AsyncDisposableStack();
  const clock = createManualClock(fixtureTimeMs + 3_600_000);
  const stores = opening.use(await openRestStores(clock));
  await stores.store(populatedEvents);
  await saveDevices(stores);
  const app = await createRestApp(stores);
  opening.defer(() => app.close());
  const owned = opening.move();

  const get: PopulatedRest['get'] = (path, token = 'acme.technician', headers = {}) =>
    app.inject({ url: `/api/v1${path}`, headers: { authorization: `Bearer ${token}`, ...headers } });
  const answer: PopulatedRest['answer'] = async (path, token) => {
    const response = await get(path, token);
    if (response.statusCode !== 200) throw new Error(`${path} answered ${response.body}.`);
    return response.json();
  };
  return {
    app,
    stores,
    get,
    answer,
    events: async (path, token) => pageSchema.parse(await answer(path, token)),
    devices: async (path, token) => devicePageSchema.parse(await answer(path, token)),
    async problem(path, token) {
      const response = await get(path, token);
      const body = problemSchema.parse(response.json());
      const isProblem = String(response.headers['content-type']).startsWith('application/problem+json');
      if (!isProblem || body.status !== response.statusCode) throw new Error(`${path} is no problem.`);
      return body;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function saveDevices({ devices, clock }: RestStores): Promise<void> {
  return devices.save([
    {
      tenantId: 'acme',
      deviceId: 'd1',
      lastSeenMs: clock.nowMs(),
      inventory: { hostname: 'srv-01', organizationId: 'org-1', organizationName: 'First' },
    },
    { tenantId: 'acme', deviceId: 'd2', lastSeenMs: fixtureTimeMs },
    { tenantId: 'acme', deviceId: 'd/3 <b>', lastSeenMs: fixtureTimeMs },
    { tenantId: 'umbrella', deviceId: 'u1', lastSeenMs: fixtureTimeMs, inventory: { hostname: 'hive' } },
  ]);
}
