import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openPopulatedRest, type PopulatedRest } from '../../tests/query-api/populated-rest.ts';

let rest: PopulatedRest;

beforeAll(async () => {
  rest = await openPopulatedRest();
});
afterAll(() => rest[Symbol.asyncDispose]());

function ask(body: object, token = 'acme.analyst', headers: Record<string, string> = {}) {
  return rest.app.inject({
    method: 'POST',
    url: '/api/v1/sql',
    headers: { ...(token === '' ? {} : { authorization: `Bearer ${token}` }), ...headers },
    payload: body,
  });
}

const counted = { sql: 'SELECT severity, count(*) AS n FROM events GROUP BY severity ORDER BY n DESC' };

describe('SQL', () => {
  it('answers of the token’s tenant alone, and says how complete', async () => {
    const ours = (await ask(counted)).json<object>();
    expect(ours).toMatchObject({
      columns: [{ name: 'severity' }, { name: 'n' }],
      rows: [
        ['INFO', 6],
        ['DEBUG', 3],
        ['ERROR', 1],
      ],
      truncated: false,
      completeness: { late: { ofDevices: 3 } },
    });
    const theirs = await ask({ sql: 'SELECT summary FROM events' }, 'umbrella.admin');
    expect(theirs.json()).toMatchObject({ rows: [['secret of umbrella']] });
  });

  it('is refused with what is wrong, where, and never twice in one', async () => {
    for (const sql of [
      'SELECT * FROM pg_catalog.pg_tables',
      'SELECT 1; SELECT 2',
      "SELECT * FROM read_csv('x')",
    ]) {
      expect((await ask({ sql })).json(), sql).toMatchObject({
        status: 400,
        code: 'QUERY_INVALID',
        details: { field: 'sql' },
      });
    }
    for (const body of [
      {},
      { sql: '' },
      { sql: 'x'.repeat(10_001) },
      { ...counted, limit: 0 },
      { ...counted, x: 1 },
    ]) {
      expect((await ask(body)).json()).toMatchObject({ status: 400, code: 'ARGUMENT_INVALID' });
    }
    expect((await ask(counted, 'acme.agent')).statusCode).toBe(403);
    expect((await ask(counted, '')).statusCode).toBe(401);
    const cookie = { cookie: 'openframe_session=acme.analyst' };
    expect((await ask(counted, '', cookie)).statusCode).toBe(401);
    expect((await ask(counted, '', { ...cookie, 'x-openframe-csrf': '1' })).statusCode).toBe(200);
  });

  it('is a file that no spreadsheet runs', async () => {
    const sql = "SELECT '=1+1' AS a, NULL AS b, 7 AS c, summary FROM events WHERE severity = 'ERROR'";
    const answer = await ask({ sql, format: 'csv' });
    expect(answer.headers['content-type']).toContain('text/csv');
    expect(answer.body.split('\r\n').slice(0, 2)).toEqual([
      'a,b,c,summary',
      "'=1+1,,7,disk /dev/sda1 is full'; DROP TABLE events; --",
    ]);
  });

  it('tells its plan, and what may be asked', async () => {
    const plan = (await ask({ ...counted, explain: true })).json<{ rows: string[][] }>();
    expect(plan.rows.join('\n')).toContain('tenant_id');
    expect(await rest.answer('/sql')).toMatchObject({
      dialect: 'DuckDB',
      tables: [{ name: 'events' }, { name: 'samples' }],
    });
  });
});
