import {
  type GraphQLField,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { topics } from '../../contracts/topics.ts';
import { enrichedBatch } from '../../tests/query-api/enriched-events.ts';
import { askGraph } from '../../tests/query-api/graph-client.ts';
import { aims } from '../../tests/query-api/north-aims.ts';
import {
  keptByNorth,
  mark,
  northOnly,
  ofNorth,
  openTwoTenants,
  twinAlert,
  twinEvent,
  type TwoTenants,
} from '../../tests/query-api/two-tenants.ts';
import { createGraphSchema } from './schema.ts';

let tenants: TwoTenants;

beforeAll(async () => {
  tenants = await openTwoTenants();
});
afterAll(() => tenants[Symbol.asyncDispose]());

const schema = createGraphSchema();
type Field = GraphQLField<unknown, unknown>;

function fieldsOf(
  type: { getFields(): Record<string, Field> } | null | undefined,
): readonly [string, Field][] {
  return Object.entries(type?.getFields() ?? {});
}

/** Every field below a type, as a selection; a type is not gone into twice. */
function selectionOf(type: unknown, above: readonly string[] = []): string {
  const named = unwrapped(type);
  if (!isObjectType(named)) return '';
  if (above.includes(named.name)) return '{ __typename }';
  const fields = Object.values(named.getFields()).map(
    (field) => `${field.name} ${selectionOf(field.type, [...above, named.name])}`,
  );
  return `{ ${fields.join(' ')} }`;
}

function unwrapped(type: unknown): unknown {
  return isNonNullType(type) || isListType(type) ? unwrapped(type.ofType) : type;
}

/** The values to try of an argument; throws where nobody has said what north would be found by. */
function aimsOf(name: string, type: unknown): readonly string[] {
  const named = unwrapped(type);
  if (isInputObjectType(named)) {
    const members = Object.values(named.getFields()).flatMap((member) =>
      aimsOf(member.name, member.type).map((value) => `${member.name}: ${value}`),
    );
    return ['{}', ...members.map((member) => `{ ${member} }`)];
  }
  if (isEnumType(named)) {
    const values = named.getValues().map((value) => value.name);
    return isListType(isNonNullType(type) ? type.ofType : type) ? [`[${values.join(', ')}]`] : values;
  }
  const found = aims[name];
  if (found === undefined) throw new Error(`Say in \`aims\` what north's rows are found by in ${name}.`);
  return found;
}

/** The arguments of each try: one of them aimed, those that are required beside it. */
function triesOf(field: Field): readonly string[] {
  const given = field.args.filter(({ name }) => name !== 'after');
  const tries = [
    '',
    ...given.flatMap(({ name, type }) => aimsOf(name, type).map((value) => `${name}: ${value}`)),
  ];
  const needed = given.filter(
    ({ name, type }) => isNonNullType(type) || ['from', 'to', 'bucket'].includes(name),
  );
  return tries.map((aimed) => {
    const others = needed.filter(({ name }) => !aimed.startsWith(`${name}:`));
    return [aimed, ...others.map(({ name, type }) => `${name}: ${aimsOf(name, type)[0] ?? ''}`)]
      .join(' ')
      .trim();
  });
}

const called = (field: Field, given: string): string =>
  `${field.name}${given === '' ? '' : `(${given})`} ${selectionOf(field.type)}`;

describe('every question of the schema, as another tenant', () => {
  const questions = fieldsOf(schema.getQueryType());

  it.each(questions)('%s answers nothing of north', async (_name, field) => {
    let answers = 0;
    for (const given of triesOf(field)) {
      const text = `{ ${called(field, given)} }`;
      const answer = await askGraph(tenants.app, text, { token: 'south.admin' });
      if (answer.data?.[field.name] !== null && answer.errors === undefined) answers++;
      expect(ofNorth(JSON.stringify(answer)), text).toEqual([]);
    }
    expect(answers).toBeGreaterThan(0);
  });

  it.each(questions.filter(([, field]) => field.args.some(({ name }) => name === 'after')))(
    '%s goes on from no cursor of north',
    async (_name, field) => {
      const page = (given: string): string =>
        `{ ${field.name}(${given}) { nodes { __typename } edges { cursor } } }`;
      const north = await askGraph(tenants.app, page('first: 1'), { token: 'north.admin' });
      const cursor = /"cursor":"([^"]+)"/.exec(JSON.stringify(north.data))?.[1] ?? '';
      expect(cursor).not.toBe('');
      const { errors } = await askGraph(tenants.app, page(`first: 1, after: "${cursor}"`), {
        token: 'south.admin',
      });
      expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['CURSOR_INVALID']);
    },
  );

  it.each(questions)(
    '%s finds north for north, so that its silence above means something',
    async (name, field) => {
      const all = [];
      for (const given of triesOf(field)) {
        const { data } = await askGraph(tenants.app, `{ ${called(field, given)} }`, { token: 'north.admin' });
        all.push(data);
      }
      const holdsNothing = [
        'alertStats',
        'completeness',
        'deviceFacets',
        'incidentStats',
        'noiseStats',
        'notifications',
        'pipelines',
        'suppressionStats',
      ];
      if (!holdsNothing.includes(name)) expect(ofNorth(JSON.stringify(all))).not.toEqual([]);
    },
  );
});

describe('every mutation of the schema, as another tenant', () => {
  /** These make or try something of the caller's own, whatever north calls its own. */
  const making = [
    'setAlertRule',
    'testAlertRule',
    'setMaintenanceWindow',
    'setDeviceParent',
    'setNotificationTarget',
  ];
  const changing = fieldsOf(schema.getMutationType()).filter(([name]) => !making.includes(name));

  it.each(changing)('%s changes nothing of north', async (_name, field) => {
    const audit = '{ alerts { nodes { alertId status assignee steps { action } } } }';
    const before = await askGraph(tenants.app, audit, { token: 'north.admin' });
    const needed = field.args.map(({ name, type }) => `${name}: ${aimsOf(name, type)[0] ?? ''}`);
    const aimed = needed.map((text) => text.replace('"a1"', `"${northOnly.alertId}"`)).join(' ');
    const refused = await askGraph(tenants.app, `mutation { ${called(field, aimed)} }`, {
      token: 'south.admin',
    });
    expect(refused.errors?.map(({ extensions }) => extensions.code)).toEqual(['NOT_FOUND']);
    const twin = await askGraph(tenants.app, `mutation { ${called(field, needed.join(' '))} }`, {
      token: 'south.admin',
    });
    expect(ofNorth(JSON.stringify([refused, twin]))).toEqual([]);
    expect(await askGraph(tenants.app, audit, { token: 'north.admin' })).toEqual(before);
  });

  it('makes settings by the names of north’s, and north keeps its own', async () => {
    const settings =
      '{ deviceParents { parentId deviceIds } notificationTargets { targetId url version } maintenanceWindows { windowId title version } alertRules { ruleId title version } }';
    const before = await askGraph(tenants.app, settings, { token: 'north.admin' });
    expect(ofNorth(JSON.stringify(before))).not.toEqual([]);
    const make = `mutation(
      $rule: AlertRuleInput!, $window: MaintenanceWindowInput!
      $parent: DeviceParentInput!, $target: NotificationTargetInput!
    ) {
      setDeviceParent(parent: $parent) { deviceIds version }
      setNotificationTarget(target: $target) { target { url version } }
      setAlertRule(rule: $rule) { title version } setMaintenanceWindow(window: $window) { title version }
      testAlertRule(rule: $rule) { alertsBefore gained { title } }
    }`;
    const rule = { ...keptByNorth['/rules'], title: 'south' };
    const window = { ...keptByNorth['/windows'], title: 'south' };
    const parent = { parentId: 'twin-host', deviceIds: ['twin'] };
    const target = { ...keptByNorth['/notification-targets'], url: 'https://south.example/hook' };
    const variables = { rule, window, parent, target };
    const made = await askGraph(tenants.app, make, { variables, token: 'south.admin' });
    expect(made.data).toMatchObject({
      setAlertRule: { title: 'south', version: 1 },
      setMaintenanceWindow: { title: 'south', version: 1 },
      setDeviceParent: { deviceIds: ['twin'], version: 1 },
      setNotificationTarget: { target: { url: target.url, version: 1 } },
    });
    const remove =
      'mutation { removeMaintenanceWindow(windowId: "twin-window") { title } removeAlertRule(ruleId: "twin-rule") { title } removeNotificationTarget(targetId: "twin-target") { url } }';
    const removed = await askGraph(tenants.app, remove, { token: 'south.admin' });
    expect(ofNorth(JSON.stringify([made, removed]))).toEqual([]);
    expect(await askGraph(tenants.app, settings, { token: 'north.admin' })).toEqual(before);
  });
});

describe('every subscription of the schema, as another tenant', () => {
  let url: string;

  beforeAll(async () => {
    url = await tenants.app.listen({ host: '127.0.0.1', port: 0 });
  });

  /** What happens of each, first of north and then of south, and the text by which south's is known. */
  const news: Readonly<Record<string, { readonly happen: () => Promise<void>; readonly seen: string }>> = {
    eventAdded: {
      async happen() {
        const batch = enrichedBatch([twinEvent('north', 60), twinEvent('south', 60)]);
        await tenants.stores.log.append(topics.enriched, 0, batch);
      },
      seen: 'southern summary',
    },
    alertChanged: {
      async happen() {
        await tenants.stores.alerts.save([twinAlert('north', 60), twinAlert('south', 60)]);
        await tenants.clock.advance(1_000);
      },
      seen: 'southern trouble',
    },
    pipelineStats: { happen: () => Promise.resolve(), seen: 'telemetry' },
  };

  async function open(query: string) {
    const leaving = new AbortController();
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        authorization: 'Bearer south.admin',
        accept: 'text/event-stream',
        'content-type': 'application/json',
      },
      body: JSON.stringify({ query }),
      signal: leaving.signal,
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    return {
      leave: () => leaving.abort(),
      async until(part: string): Promise<string> {
        while (!text.includes(part)) {
          const chunk = await reader?.read();
          if (chunk?.value === undefined) throw new Error(`The stream ended with ${text}`);
          text += chunk.value;
        }
        return text;
      },
    };
  }

  it.each(fieldsOf(schema.getSubscriptionType()))('%s tells nothing of north', async (name, field) => {
    const { happen, seen } = news[name] ?? {};
    if (happen === undefined || seen === undefined)
      throw new Error(`Say in \`news\` how ${name} comes to tell something.`);
    const streams = await Promise.all(
      triesOf(field).map((given) => open(`subscription { ${called(field, given)} }`)),
    );
    await Promise.all(streams.map((stream) => stream.until('the stream stands')));
    // The tail reads the end of the log when it is first pulled.
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
    await happen();
    // Those that are aimed at north alone have nothing to tell: what they would get came before this.
    const [all] = streams;
    expect(ofNorth((await all?.until(seen)) ?? mark)).toEqual([]);
    for (const stream of streams) {
      expect(ofNorth(await stream.until(''))).toEqual([]);
      stream.leave();
    }
  });
});

it('has no scalar or argument kind that the walk leaves out', () => {
  const kinds = Object.values(schema.getTypeMap()).filter((type) => !type.name.startsWith('__'));
  for (const type of kinds) {
    expect(
      isObjectType(type) || isScalarType(type) || isEnumType(type) || isInputObjectType(type),
      type.name,
    ).toBe(true);
  }
});
