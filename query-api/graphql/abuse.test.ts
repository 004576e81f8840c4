import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { askGraph } from '../../tests/query-api/graph-client.ts';
import { openPopulatedRest, type PopulatedRest } from '../../tests/query-api/populated-rest.ts';
import { graphLimits } from './limits.ts';

let rest: PopulatedRest;

beforeAll(async () => {
  rest = await openPopulatedRest();
});
afterAll(() => rest[Symbol.asyncDispose]());

const repeat = (count: number, text: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ');

/** Ten fragments, each of which spreads the next one ten times: 10^10 fields. */
const bomb = `{ events { nodes { ...f0 } } } ${repeat(10, (i) => `fragment f${i} on Event { ${repeat(10, () => (i === 9 ? 'summary' : `...f${i + 1}`))} }`)}`;

const abuses: Readonly<Record<string, readonly [query: string, limit: string]>> = {
  'nested too deep': [
    `{ __schema { types { ${repeat(20, () => 'ofType {')} name ${'}'.repeat(20)} } } }`,
    'depth',
  ],
  'aliased a thousand times': [`{ ${repeat(1000, (i) => `a${i}: pipelines { name }`)} }`, 'tokens'],
  'aliased a hundred times': [`{ ${repeat(100, (i) => `a${i}: pipelines { name }`)} }`, 'aliases'],
  'asking too much at once': [`{ ${repeat(30, () => 'session { role }')} }`, 'rootFields'],
  'full of directives': [`{ session { role ${repeat(60, () => '@include(if: true)')} } }`, 'directives'],
  'a bomb of fragments': [bomb, 'fields'],
  'two fragments that spread each other': [
    '{ events { nodes { ...a } } } fragment a on Event { ...b } fragment b on Event { ...a }',
    'depth',
  ],
  'a fragment that spreads itself': ['{ session { ...a } } fragment a on Session { role ...a }', 'depth'],
  'too large a page with its data': [
    '{ events(first: 1000) { edges { node { data device { hostname } } } nodes { data device { hostname } } } }',
    'cost',
  ],
  'too many alerts with their audit': [
    '{ alerts(first: 1000) { nodes { steps { at } terms { name } device { hostname } } edges { node { steps { at } } } } }',
    'cost',
  ],
  'the audit of all alerts of many incidents': [
    `{ ${repeat(10, (i) => `a${i}: incident(incidentId: "a${i}") { children { steps { at } terms { name } device { hostname } } }`)} }`,
    'cost',
  ],
  'the same by a fragment of the whole query': [
    `{ ...q } fragment q on Query { ${repeat(10, (i) => `a${i}: incident(incidentId: "a${i}") { children { steps { at } terms { name } device { hostname } } }`)} }`,
    'cost',
  ],
  'too many actions at once': [
    `mutation { ${repeat(21, (i) => `a${i}: undoAlert(alertId: "a${i}") { status }`)} }`,
    'rootFields',
  ],
  'too many counts': [
    `{ ${repeat(20, (i) => `a${i}: eventStats(filter: {search: "${i}"}) { total } b${i}: eventFacets { severity { count } }`)} }`,
    'aliases',
  ],
};

describe('an operation', () => {
  it.each(Object.entries(abuses))('%s is refused before anything is read', async (_name, [query, limit]) => {
    const { status, errors, data } = await askGraph(rest.app, query);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'QUERY_TOO_COMPLEX', details: { limit } });
    expect(status).toBe(400);
    expect(data).toBeUndefined();
  });

  it('whose page size comes by a variable costs what the variable says', async () => {
    const query =
      'query($n: Int) { events(first: $n) { nodes { data device { hostname } eventId } edges { node { data } } } }';
    const { errors } = await askGraph(rest.app, query, { variables: { n: 1000 } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'QUERY_TOO_COMPLEX', details: { limit: 'cost' } });
    expect((await askGraph(rest.app, query, { variables: { n: 10 } })).errors).toBeUndefined();
  });

  it('pays for the question about an incident, not for the name of the incident in each alert', async () => {
    const query =
      '{ alerts(first: 1000) { nodes { alertId incident { incidentId } } } incidents { alerts } }';
    expect((await askGraph(rest.app, query)).errors).toBeUndefined();
  });

  it.each([
    ['{ events(first: 1001) { nodes { eventId } } }', 'QUERY_INVALID'],
    ['{ events(first: 0) { nodes { eventId } } }', 'QUERY_INVALID'],
    ['{ events(first: -5) { nodes { eventId } } }', 'QUERY_INVALID'],
    ['{ eventFacets(limit: 201) { severity { count } } }', 'QUERY_INVALID'],
    ['{ eventStats(top: 101) { total } }', 'QUERY_INVALID'],
    ['{ event(eventId: "1 OR 1=1") { summary } }', 'QUERY_INVALID'],
    ['{ alerts(first: 1001) { nodes { alertId } } }', 'QUERY_INVALID'],
    ['{ alerts(filter: { minScore: 101 }) { nodes { alertId } } }', 'QUERY_INVALID'],
    ['{ alert(alertId: "") { title } }', 'QUERY_INVALID'],
    ['{ nothing }', 'GRAPHQL_INVALID'],
    ['{ events(first: "x") { nodes { eventId } } }', 'GRAPHQL_INVALID'],
    ['{', 'GRAPHQL_INVALID'],
    ['', 'GRAPHQL_INVALID'],
    ['subscription { eventAdded { eventId } pipelineStats { name } }', 'GRAPHQL_INVALID'],
    ['mutation { deleteAlert(alertId: "a1") { status } }', 'GRAPHQL_INVALID'],
  ])('%s is refused with %s', async (query, code) => {
    const { errors } = await askGraph(rest.app, query);
    expect(errors?.map(({ extensions }) => extensions.code)).toContain(code);
  });

  it('of a few questions and the whole introspection is within the limits', async () => {
    const { getIntrospectionQuery } = await import('graphql');
    expect((await askGraph(rest.app, getIntrospectionQuery())).errors).toBeUndefined();
    const whole =
      '{ events(first: 500) { totalCount edges { cursor node { eventId summary hostname } } } eventStats { total } eventFacets { severity { value count } } }';
    expect((await askGraph(rest.app, whole)).errors).toBeUndefined();
  });
});

describe('a request', () => {
  const post = (payload: string, headers: Readonly<Record<string, string>> = {}) =>
    rest.app.inject({
      method: 'POST',
      url: '/graphql',
      headers: { authorization: 'Bearer acme.technician', 'content-type': 'application/json', ...headers },
      payload,
    });
  const codeOf = (response: { json: () => unknown }): unknown => {
    const { errors } = response.json() as { errors: readonly { extensions: { code: unknown } }[] };
    return errors[0]?.extensions.code;
  };

  it('with several operations in an array is refused', async () => {
    const response = await post('[{"query":"{session{role}}"},{"query":"{session{role}}"}]');
    expect(response.statusCode).toBe(400);
    expect(codeOf(response)).toBe('GRAPHQL_INVALID');
  });

  it('that is too large, of another type, or no JSON is refused with its status', async () => {
    const large = await post(
      JSON.stringify({ query: `{ session { role } } # ${'x'.repeat(graphLimits.bodyBytes)}` }),
    );
    expect([large.statusCode, codeOf(large)]).toEqual([413, 'BODY_TOO_LARGE']);
    const form = await post('query={session{role}}', { 'content-type': 'application/x-www-form-urlencoded' });
    expect([form.statusCode, codeOf(form)]).toEqual([415, 'MEDIA_TYPE_UNSUPPORTED']);
    const broken = await post('{"query"');
    expect([broken.statusCode, codeOf(broken)]).toEqual([400, 'BODY_UNREADABLE']);
    const none = await post('{}');
    expect([none.statusCode, codeOf(none)]).toEqual([400, 'GRAPHQL_INVALID']);
    const number = await post('{"query":5}');
    expect([number.statusCode, codeOf(number)]).toEqual([400, 'GRAPHQL_INVALID']);
  });

  it('without a token, with a wrong one, or of an agent is refused with its status', async () => {
    for (const [authorization, status, code] of [
      ['', 401, 'TOKEN_INVALID'],
      ['Bearer nobody', 401, 'TOKEN_INVALID'],
      ['Bearer acme.expired', 401, 'TOKEN_EXPIRED'],
      ['Bearer acme.agent', 403, 'ROLE_NOT_ALLOWED'],
    ] as const) {
      const headers = authorization === '' ? {} : { authorization };
      const response = await rest.app.inject({
        method: 'POST',
        url: '/graphql',
        headers,
        payload: { query: '{session{role}}' },
      });
      expect([response.statusCode, codeOf(response)]).toEqual([status, code]);
    }
  });

  it('with the cookie of a session needs the header that no other site can send', async () => {
    const ask = (headers: Readonly<Record<string, string>>) =>
      rest.app.inject({
        method: 'POST',
        url: '/graphql',
        headers: { cookie: 'openframe_session=acme.technician', host: 'here:8080', ...headers },
        payload: { query: '{session{role}}' },
      });
    expect((await ask({})).statusCode).toBe(401);
    expect((await ask({ 'x-openframe-csrf': '1', origin: 'http://elsewhere' })).statusCode).toBe(401);
    expect((await ask({ 'x-openframe-csrf': '1', origin: 'http://here:8080' })).json()).toMatchObject({
      data: { session: { role: 'technician' } },
    });
  });

  it('by GET asks as well, and opens the editor in a browser', async () => {
    const headers = { authorization: 'Bearer acme.technician' };
    const url = `/graphql?query=${encodeURIComponent('query($n: Int) { events(first: $n) { nodes { eventId } } }')}&variables=${encodeURIComponent('{"n":1}')}`;
    const asked = await rest.app.inject({ url, headers });
    expect(asked.json()).toMatchObject({ data: { events: { nodes: [{}] } } });
    const editor = await rest.app.inject({ url: '/graphql', headers: { accept: 'text/html' } });
    expect(editor.headers['content-type']).toContain('text/html');
    expect(editor.headers['content-security-policy']).toContain("default-src 'none'");
  });
});
