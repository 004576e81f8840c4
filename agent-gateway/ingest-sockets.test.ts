import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { event, lines } from './events.fixture.ts';
import { createTestGateway, type TestGateway } from './gateway.fixture.ts';

let gateway: TestGateway;
let token: string;
let url: string;
let port: number;

beforeEach(async () => {
  gateway = await createTestGateway({ admission: { bodies: 2, bytes: 1 << 30, tenantShare: 1 } });
  token = await gateway.token();
  await gateway.app.listen({ host: '127.0.0.1', port: 0 });
  ({ port } = gateway.app.server.address() as AddressInfo);
  url = `http://127.0.0.1:${port}/ingest/v1/events`;
});
afterEach(() => gateway[Symbol.asyncDispose]());

const headers = (more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  authorization: `Bearer ${token}`,
  'content-type': 'application/x-ndjson',
  ...more,
});

/** A request of which only the start of the body is sent. */
async function half(): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  const head = Object.entries(headers({ 'content-length': '100000' })).map(([k, v]) => `${k}: ${v}`);
  socket.write(`POST /ingest/v1/events HTTP/1.1\r\nhost: x\r\n${head.join('\r\n')}\r\n\r\n${lines(event())}`);
  await once(gateway.app.server, 'request');
  return socket;
}

describe('the door on real sockets', () => {
  it('takes a gzipped body in pieces', async () => {
    const body = gzipSync(lines(...Array.from({ length: 300 }, (_, i) => event({ id: `e${i}` }))));
    const pieces = new ReadableStream({
      start(controller) {
        for (let at = 0; at < body.length; at += 100) controller.enqueue(body.subarray(at, at + 100));
        controller.close();
      },
    });
    const response = await fetch(url, {
      method: 'POST',
      headers: headers({ 'content-encoding': 'gzip' }),
      body: pieces,
      duplex: 'half',
    });
    expect(await response.json()).toEqual({ accepted: 300, rejected: [] });
  });

  it('stops a gzip bomb and goes on serving the same connection', async () => {
    const bomb = gzipSync(Buffer.alloc(80 << 20));
    const refused = await fetch(url, {
      method: 'POST',
      headers: headers({ 'content-encoding': 'gzip' }),
      body: bomb,
    });
    expect(refused.status).toBe(413);
    await refused.arrayBuffer();
    const next = await fetch(url, { method: 'POST', headers: headers(), body: lines(event()) });
    expect(await next.json()).toEqual({ accepted: 1, rejected: [] });
  });

  it('stores nothing of a body whose sender went away, and gives its place to others', async () => {
    const gone = [await half(), await half()];
    const full = await fetch(url, { method: 'POST', headers: headers(), body: lines(event()) });
    expect(full.status).toBe(503);
    expect(Number(full.headers.get('retry-after'))).toBeGreaterThan(0);
    for (const socket of gone) socket.destroy();
    let status = 503;
    while (status === 503) {
      status = (await fetch(url, { method: 'POST', headers: headers(), body: lines(event({ id: 'e2' })) }))
        .status;
    }
    expect(status).toBe(202);
    expect((await gateway.stored()).map((r) => r.headers['ce_id'])).toEqual(['e2']);
  });
});
