import { once } from 'node:events';
import { type WebSocket, WebSocketServer } from 'ws';

export interface FakeMeshServer extends AsyncDisposable {
  readonly url: string;
  /** What is stored, oldest first, as MeshCentral answers it: without names. */
  readonly stored: { readonly time: string; readonly action: string; readonly [member: string]: unknown }[];
  /** Stores an event and sends it to everybody, with the members that only the one sent has. */
  happen(action: string, time: string, more?: object): void;
  /** Sends text to everybody as it is. */
  send(text: string): void;
  /** Ends every connection. */
  drop(): void;
  /** Limits of the questions so far. */
  readonly asked: number[];
  siteadmin: number;
  /** Said to the next one instead of letting it in. */
  refusal: object | null;
}

/**
 * The part of MeshCentral's control socket that the reader uses, for what a real one cannot be made to do. The real
 * one is in `tests/integrations/`.
 */
export async function startFakeMeshServer(password: string): Promise<FakeMeshServer> {
  const sockets = new WebSocketServer({ host: '127.0.0.1', port: 0, path: '/control.ashx' });
  await once(sockets, 'listening');
  const address = sockets.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const allowed = `${Buffer.from('admin').toString('base64')},${Buffer.from(password).toString('base64')}`;
  const send = (socket: WebSocket, message: object): void => socket.send(JSON.stringify(message));
  const all = (text: string): void => sockets.clients.forEach((client) => client.send(text));
  const server: FakeMeshServer = {
    url: `http://127.0.0.1:${address.port}`,
    stored: [],
    happen(action, time, more = {}) {
      server.stored.push({ etype: 'user', action, time });
      const event = { etype: 'user', action, time, domain: '', node: { only: 'here' }, ...more };
      all(JSON.stringify({ action: 'event', event }));
    },
    send: all,
    drop: () => sockets.clients.forEach((client) => client.terminate()),
    asked: [],
    siteadmin: 0xffffffff,
    refusal: null,
    async [Symbol.asyncDispose]() {
      server.drop();
      sockets.close();
      await once(sockets, 'close');
    },
  };
  sockets.on('connection', (socket, request) => {
    const refusal =
      request.headers['x-meshauth'] === allowed
        ? server.refusal
        : { action: 'close', cause: 'noauth', msg: 'noauth-2d' };
    if (refusal !== null) {
      send(socket, refusal);
      socket.close();
      return;
    }
    send(socket, { action: 'serverinfo', serverinfo: {} });
    send(socket, {
      action: 'userinfo',
      userinfo: { _id: 'user/bakery/admin', name: 'admin', siteadmin: server.siteadmin },
    });
    socket.on('message', (data) => {
      const { limit, tag } = JSON.parse((data as Buffer).toString('utf8')) as {
        readonly limit: number;
        readonly tag: string;
      };
      server.asked.push(limit);
      const newestFirst = server.stored.toReversed().slice(0, limit);
      send(socket, { action: 'events', events: newestFirst, tag });
    });
  });
  return server;
}
