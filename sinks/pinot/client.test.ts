import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';

import { PinotClient } from './client.ts';
import { TenantRows } from './tenant-rows.ts';

const whole = {
  resultTable: { dataSchema: { columnNames: ['1'], columnDataTypes: ['INT'] }, rows: [[1]] },
  exceptions: [],
  numServersQueried: 2,
  numServersResponded: 2,
  numSegmentsQueried: 4,
  numGroupsLimitReached: false,
};
const unavailable = { code: 'STORE_UNAVAILABLE', retryable: true };

/** A broker that gives the answers in turn, the last one for ever, and keeps what it was asked. */
async function broker(...answers: readonly unknown[]) {
  const asked: string[] = [];
  let given = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      asked.push((JSON.parse(body) as { sql: string }).sql);
      const answer = answers[Math.min(given++, answers.length - 1)];
      response.statusCode = typeof answer === 'number' ? answer : 200;
      response.end(typeof answer === 'number' ? '' : JSON.stringify(answer));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return { url, asked, close, [Symbol.asyncDispose]: close };
}

function clientOf(...brokerUrls: string[]): PinotClient {
  return new PinotClient({ brokerUrls, controllerUrl: 'http://127.0.0.1:1', timeoutMs: 2000 });
}

it.each([
  ['a server is silent', { numServersResponded: 1 }],
  ['no server has the table', { numServersQueried: 0, numServersResponded: 0 }],
  ['it says itself that it is partial', { partialResult: true }],
  ['a segment is missing', { exceptions: [{ errorCode: 305, message: 'null:\n1 segments unavailable' }] }],
  ['it took too long', { exceptions: [{ errorCode: 250, message: 'ExecutionTimeoutError' }] }],
  ['the table is not open yet', { exceptions: [{ errorCode: 190, message: 'TableDoesNotExistError' }] }],
  ['it has no rows', { resultTable: undefined }],
])('throws where an answer is less than whole: %s', async (_why, given) => {
  await using server = await broker({ ...whole, ...given });
  await expect(clientOf(server.url).query('SELECT 1')).rejects.toMatchObject(unavailable);
});

it('throws where groups were left out, and where Pinot does not understand', async () => {
  const refused = { ...whole, exceptions: [{ errorCode: 150, message: 'SQLParsingError: \nfrom' }] };
  await using server = await broker({ ...whole, numGroupsLimitReached: true }, refused);
  const client = clientOf(server.url);
  await expect(client.query('SELECT 1')).rejects.toMatchObject({ code: 'QUERY_INVALID' });
  await expect(client.query('SELECT 1')).rejects.toMatchObject({ code: 'INTERNAL', retryable: false });
});

it('asks the next broker where one is away, ill or gives less than all, and takes turns', async () => {
  await using gone = await broker(whole);
  await gone.close();
  await using ill = await broker(503, { ...whole, numServersResponded: 1 });
  await using well = await broker(whole);
  const client = clientOf(gone.url, ill.url, well.url);
  for (let i = 0; i < 6; i++) expect(await client.query('SELECT 1')).toEqual([[1]]);
  expect([ill.asked.length, well.asked.length]).toEqual([4, 6]);
});

it('says how many segments of a table every broker knows that answers', async () => {
  await using gone = await broker(whole);
  await gone.close();
  await using late = await broker({ ...whole, numSegmentsQueried: 3 }, whole);
  await using well = await broker(whole);
  const client = clientOf(gone.url, late.url, well.url);
  expect([await client.knownSegments('t'), await client.knownSegments('t')]).toEqual([3, 4]);
  await expect(clientOf(gone.url).knownSegments('t')).rejects.toMatchObject(unavailable);
});

it('refuses when it was closed, and says who refuses us', async () => {
  await using server = await broker(401);
  const client = clientOf(server.url);
  await expect(client.query('SELECT 1')).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
  client.close();
  await expect(client.query('SELECT 1')).rejects.toMatchObject(unavailable);
});

it('confines every question to the tenant, whatever its conditions are', async () => {
  await using server = await broker(whole);
  const rows = new TenantRows(clientOf(server.url), '');
  await rows.of({ tenantId: "a' OR '1'='1" }, 'events', {
    select: 'event_id',
    where: ['severity_text = 1 OR tenant_id = 2'],
    rest: 'LIMIT 1',
  });
  expect(server.asked).toEqual([
    `SELECT event_id FROM openframe_events WHERE tenant_id = 'a'' OR ''1''=''1' AND (severity_text = 1 OR tenant_id = 2) LIMIT 1`,
  ]);
});
