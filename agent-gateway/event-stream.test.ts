import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';

import { OpenFrameError } from '../contracts/errors.ts';
import { event } from './events.fixture.ts';
import { createTestGateway, type TestGateway } from './gateway.fixture.ts';

type Answer = Readonly<Record<string, unknown>>;

/** A connection over loopback, and what came back on it. */
class Peer implements Disposable {
  readonly socket: WebSocket;
  readonly answers: Answer[] = [];
  closed: { readonly code: number; readonly reason: string } | undefined;
  #wake: () => void = () => undefined;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => {
      this.answers.push(JSON.parse(data.toString('utf8')) as Answer);
      this.#wake();
    });
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString('utf8') };
      this.#wake();
    });
  }

  async until(done: () => boolean): Promise<void> {
    while (!done()) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  async answersTo(count: number): Promise<readonly Answer[]> {
    await this.until(() => this.answers.length >= count || this.closed !== undefined);
    return this.answers;
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}

let gateway: TestGateway;
let token: string;

async function listen(options: Parameters<typeof createTestGateway>[0] = {}): Promise<void> {
  gateway = await createTestGateway(options);
  token = await gateway.token();
  await gateway.app.listen({ host: '127.0.0.1', port: 0 });
}

beforeEach(() => listen());
afterEach(() => gateway[Symbol.asyncDispose]());

async function connect(
  options: { readonly query?: string; readonly protocols?: string[]; readonly bearer?: string | null } = {},
): Promise<Peer> {
  const { port } = gateway.app.server.address() as AddressInfo;
  const bearer = options.bearer === undefined ? token : options.bearer;
  const socket = new WebSocket(
    `ws://127.0.0.1:${port}/ingest/v1/stream${options.query ?? ''}`,
    options.protocols ?? [],
    bearer === null ? {} : { headers: { authorization: `Bearer ${bearer}` } },
  );
  const peer = new Peer(socket);
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return peer;
}

describe('GET /ingest/v1/stream', () => {
  it('answers each frame once its event is durable, in order', async () => {
    using peer = await connect();
    for (let i = 0; i < 500; i++) peer.socket.send(JSON.stringify(event({ id: `e${i}` })));
    const answers = await peer.answersTo(500);
    expect(answers).toEqual(Array.from({ length: 500 }, (_, i) => ({ id: `e${i}`, accepted: true })));
    const stored = await gateway.stored();
    expect(stored.map((r) => r.headers['ce_id'])).toEqual(answers.map((a) => a['id']));
  });

  it('names what it refuses by id and by the number of the frame, and takes the rest', async () => {
    using peer = await connect();
    peer.socket.send(JSON.stringify(event({ id: 'a' })));
    peer.socket.send('{"half":');
    peer.socket.send(JSON.stringify(event({ id: 'b', time: 'noon' })));
    peer.socket.send(Buffer.from('{}'));
    peer.socket.send(JSON.stringify(event({ id: 'c' })));
    expect(await peer.answersTo(5)).toMatchObject([
      { id: 'a', accepted: true },
      { index: 1, code: 'EVENT_NOT_JSON' },
      { id: 'b', index: 2, code: 'EVENT_INVALID', field: 'time' },
      { index: 3, code: 'EVENT_NOT_JSON' },
      { id: 'c', accepted: true },
    ]);
  });

  it('takes the token from the header, a subprotocol or the query', async () => {
    using byProtocol = await connect({ bearer: null, protocols: ['openframe', `bearer.${token}`] });
    expect(byProtocol.socket.protocol).toBe('openframe');
    using byQuery = await connect({ bearer: null, query: `?access_token=${token}` });
    for (const peer of [byProtocol, byQuery]) {
      peer.socket.send(JSON.stringify(event()));
      expect(await peer.answersTo(1)).toMatchObject([{ accepted: true }]);
    }
  });

  it('opens for nobody without a token, or with one of another role', async () => {
    await expect(connect({ bearer: null })).rejects.toThrow('401');
    await expect(connect({ bearer: `of_${'x'.repeat(43)}` })).rejects.toThrow('401');
    await expect(connect({ bearer: await gateway.token({ role: 'analyst' }) })).rejects.toThrow('403');
  });

  it('closes with 1008 when the token expires on the way', async () => {
    using peer = await connect({ bearer: await gateway.token({ ttlMs: 1000 }) });
    await gateway.clock.advance(1000);
    peer.socket.send(JSON.stringify(event()));
    await peer.until(() => peer.closed !== undefined);
    expect(peer.closed).toEqual({ code: 1008, reason: 'TOKEN_EXPIRED' });
    expect(await gateway.stored()).toEqual([]);
  });

  it('closes with 1009 on a frame larger than an event may be', async () => {
    using peer = await connect();
    peer.socket.send('x'.repeat(1024 * 1024 + 1));
    await peer.until(() => peer.closed !== undefined);
    expect(peer.closed?.code).toBe(1009);
  });

  it('slows a sender that is over its tenant quota instead of refusing it', async () => {
    await gateway[Symbol.asyncDispose]();
    await listen({
      quotas: { tenantEventsPerSecond: 1, tenantBurst: 2, deviceEventsPerSecond: 9, deviceBurst: 9 },
    });
    using peer = await connect();
    for (let i = 0; i < 4; i++) peer.socket.send(JSON.stringify(event({ id: `e${i}` })));
    await peer.answersTo(1);
    while (peer.answers.length < 4) await gateway.clock.advance(1000);
    expect(peer.answers).toEqual([0, 1, 2, 3].map((i) => ({ id: `e${i}`, accepted: true })));
    expect(gateway.clock.nowMs()).toBeGreaterThanOrEqual(2000);
  });

  it('answers that a frame is not durable, and takes it when it comes again', async () => {
    let full = true;
    await gateway[Symbol.asyncDispose]();
    await listen({
      wrap: (messaging) => ({
        ...messaging,
        publish: (batch) =>
          full
            ? Promise.reject(new OpenFrameError('NOT_DURABLE_NOW', 'The disk is full: free some.'))
            : messaging.publish(batch),
      }),
    });
    using peer = await connect();
    peer.socket.send(JSON.stringify(event()));
    expect(await peer.answersTo(1)).toMatchObject([{ id: 'e1', index: 0, code: 'NOT_DURABLE_NOW' }]);
    full = false;
    peer.socket.send(JSON.stringify(event()));
    expect((await peer.answersTo(2))[1]).toEqual({ id: 'e1', accepted: true });
  });
});
