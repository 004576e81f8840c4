import { type GraphQLObjectType, isEnumType, isListType, isNonNullType, isObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { EnrichedEvent } from '../../contracts/enriched.ts';
import { streamedAlert } from '../../stores/alert.fixture.ts';
import { createManualClock } from '../../streams/clock.ts';
import { enrichedEvent, fixtureTimeMs } from '../../tests/query-api/enriched-events.ts';
import { askGraph } from '../../tests/query-api/graph-client.ts';
import { createRestApp } from '../../tests/query-api/rest-app.ts';
import { openRestStores } from '../../tests/query-api/rest-stores.ts';
import { createGraphSchema } from './schema.ts';

/** In every text of north that could be answered. */
const mark = 'northern';
const stack = new AsyncDisposableStack();
let app: Awaited<ReturnType<typeof createRestApp>>;

/** The two tenants have devices, organizations and sources of the same names; what they are called differs. */
function eventsOf(tenantId: string, first: number, text: string): EnrichedEvent[] {
  return [0, 1, 2].map((i) =>
    enrichedEvent(first + i, {
      tenantId,
      deviceId: 'twin',
      hostname: `${text}-host`,
      organizationId: 'org-1',
      organizationName: `${text} organization`,
      userId: `${text}-user`,
      eventType: `${text.toUpperCase()}_TYPE`,
      sourceType: 'openframe.metrics',
      summary: `${text} summary`,
      data: {
        samples: [{ name: `cpu`, value: text === mark ? 123456 : 1, unit: '1', labels: { of: text } }],
      },
    }),
  );
}

const north = eventsOf('north', 1, mark);
const south = eventsOf('south', 100, 'southern');

beforeAll(async () => {
  const clock = createManualClock(fixtureTimeMs + 60_000);
  const stores = stack.use(await openRestStores(clock));
  await stores.store([...north, ...south]);
  await stores.devices.save(
    [...north, ...south].map(({ tenantId, hostname }) => ({
      tenantId,
      deviceId: 'twin',
      lastSeenMs: clock.nowMs(),
      inventory: { hostname: hostname ?? '', organizationId: 'org-1', organizationName: hostname ?? '' },
    })),
  );
  await stores.alerts.save([
    streamedAlert(1, { tenantId: 'north', title: `${mark} trouble`, deviceId: 'twin', score: 12.3456 }),
    streamedAlert(2, { tenantId: 'south', title: 'southern trouble', deviceId: 'twin' }),
  ]);
  await stores.devices.save([{ tenantId: 'north', deviceId: `${mark}-only`, lastSeenMs: clock.nowMs() }]);
  app = await createRestApp(stores);
  stack.defer(() => app.close());
});

afterAll(() => stack.disposeAsync());

const schema = createGraphSchema();

/** Every field below a type, as a selection; a type is not gone into twice. */
function selectionOf(type: unknown, above: readonly string[] = []): string {
  const named = unwrapped(type);
  if (!isObjectType(named)) return '';
  if (above.includes(named.name)) return '{ __typename }';
  const fields = Object.values(named.getFields()).map((field) => {
    const below = selectionOf(field.type, [...above, named.name]);
    return unwrappedObject(field.type) === null || below !== '' ? `${field.name} ${below}` : '';
  });
  return `{ ${fields.join(' ')} }`;
}

function unwrapped(type: unknown): unknown {
  return isNonNullType(type) || isListType(type) ? unwrapped(type.ofType) : type;
}

function unwrappedObject(type: unknown): GraphQLObjectType | null {
  const named = unwrapped(type);
  return isObjectType(named) ? named : null;
}

/** What north's rows are found by, for each argument, whatever its field. */
const aims: Readonly<Record<string, readonly string[]>> = {
  filter: [
    '{}',
    '{ search: "northern" }',
    '{ deviceId: "twin" }',
    '{ organizationIds: ["org-1"] }',
    '{ eventTypes: ["NORTHERN_TYPE"] }',
    `{ search: "' OR 1=1 --" }`,
    `{ deviceId: "twin' OR tenant_id = 'north" }`,
    '{ status: ONLINE, search: "northern" }',
    '{ statuses: [OPEN], minScore: 12 }',
  ],
  eventId: north.map(({ eventId }) => `"${eventId}"`),
  deviceId: ['"twin"', `"${mark}-only"`],
  alertId: ['"a1"'],
  name: ['"cpu"'],
  from: ['"2026-01-01T00:00:00Z"'],
  to: ['"2026-02-10T00:00:00Z"'],
  bucket: ['"1d"'],
  first: ['1000'],
  limit: ['200'],
  top: ['100'],
};

describe('every question of the schema, as another tenant', () => {
  const query = schema.getQueryType();
  const questions = Object.values(query?.getFields() ?? {});

  it.each(questions.map((field) => [field.name, field] as const))(
    '%s answers nothing of north',
    async (_name, field) => {
      const variants = [''];
      for (const { name, type } of field.args) {
        const values = isEnumType(unwrapped(type)) ? [] : (aims[name] ?? []);
        for (const value of values) variants.push(`${name}: ${value}`);
      }
      const required = field.args.filter(({ type }) => isNonNullType(type)).map(({ name }) => name);
      let answers = 0;
      for (const variant of variants) {
        const missing = required.filter((name) => !variant.startsWith(`${name}:`));
        const given = [
          variant,
          ...missing.map((name) => `${name}: ${aims[name]?.[0] ?? '""'}`),
          ...timesOf(field, variant),
        ];
        const text = `{ ${field.name}${given.join(' ').trim() === '' ? '' : `(${given.join(' ')})`} ${selectionOf(field.type)} }`;
        const answer = await askGraph(app, text, { token: 'south.admin' });
        if (answer.data?.[field.name] !== null && answer.errors === undefined) answers++;
        const shown = JSON.stringify(answer.data ?? null).toLowerCase();
        expect(shown, text).not.toContain(mark);
        expect(shown, text).not.toContain('123456');
        expect(shown, text).not.toContain('"north"');
        expect(shown, text).not.toContain('12.3456');
      }
      if (!['event', 'alert', 'incident'].includes(field.name)) expect(answers).toBeGreaterThan(0);
    },
  );

  it('finds what is north’s own, so that an empty answer above means something', async () => {
    const { data } = await askGraph(
      app,
      `{ events { totalCount } event(eventId: "${north[0]?.eventId ?? ''}") { summary data } metricSeries(name: "cpu", from: "2026-01-01T00:00:00Z", to: "2026-02-10T00:00:00Z", bucket: "1d") { points } alert(alertId: "a1") { title } }`,
      { token: 'north.admin' },
    );
    expect(data).toMatchObject({
      events: { totalCount: 3 },
      event: { summary: `${mark} summary` },
      metricSeries: [{ points: [[expect.any(Number), 123456]] }],
      alert: { title: `${mark} trouble` },
    });
  });
});

describe('every mutation of the schema, as another tenant', () => {
  const values: Readonly<Record<string, string>> = {
    alertId: '"a1"',
    until: '"2031-01-01T00:00:00Z"',
    assignee: '"me"',
    text: '"mine"',
    verdict: 'noise',
    whenClear: 'true',
  };
  const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});

  it.each(mutations.map((field) => [field.name, field] as const))(
    '%s finds nothing of north, and changes nothing there',
    async (_name, field) => {
      const given = field.args.map(({ name }) => `${name}: ${values[name] ?? ''}`).join(' ');
      const text = `mutation { ${field.name}(${given}) ${selectionOf(field.type)} }`;
      const { errors, data } = await askGraph(app, text, { token: 'south.admin' });
      expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['NOT_FOUND']);
      expect(data ?? null).toBeNull();
      const theirs = await askGraph(app, '{ alert(alertId: "a1") { status steps { action } } }', {
        token: 'north.admin',
      });
      expect(theirs.data).toEqual({ alert: { status: 'OPEN', steps: [] } });
    },
  );
});

function timesOf(field: { readonly args: readonly { readonly name: string }[] }, variant: string): string[] {
  if (!field.args.some(({ name }) => name === 'from')) return [];
  return ['from', 'to', 'bucket'].flatMap((name) =>
    variant.startsWith(`${name}:`) ? [] : [`${name}: ${aims[name]?.[0] ?? ''}`],
  );
}
