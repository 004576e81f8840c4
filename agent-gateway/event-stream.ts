import websocket from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { RawData, WebSocket } from 'ws';

import { eventLimits } from '../contracts/event.ts';
import { createFrameLane } from './frame-lane.ts';
import type { IngestContext } from './ingest-context.ts';

/** How browsers, which cannot set headers, send the token: a second subprotocol `bearer.<token>`. */
const tokenProtocol = 'bearer.';
/** Close code 1013 (IANA WebSocket close code registry): try again later. */
const tryAgainLater = 1013;

/** The one WebSocket server of an app: for the stream of events and for whatever else is spoken there. */
export async function registerWebSockets(app: FastifyInstance): Promise<void> {
  await app.register(websocket, {
    options: {
      maxPayload: eventLimits.sizeBytes,
      // The answer names the protocol that is spoken, never the one that carries the token.
      handleProtocols: (protocols) => [...protocols].find((p) => !p.startsWith(tokenProtocol)) ?? false,
    },
  });
}

/**
 * `GET /ingest/v1/stream`: one event a frame (text, CloudEvents JSON), one answer a frame, in order:
 * `{"id","accepted":true}` once it is durable, else `{"id"?,"index","code","message"}`, where `index` counts the
 * connection's frames from 0. A frame over the size limit closes the connection with 1009. Uses the app's WebSocket
 * server where it has one already.
 */
export async function registerEventStream(scope: FastifyInstance, context: IngestContext): Promise<void> {
  if (!scope.hasDecorator('websocketServer')) await registerWebSockets(scope);
  const admitted = new WeakMap<FastifyRequest, { readonly bearer: string; readonly tenantId: string }>();
  scope.get(
    '/ingest/v1/stream',
    {
      websocket: true,
      preValidation: async (request) => {
        const bearer = bearerOf(request);
        const { tenantId } = await context.authorise(bearer);
        admitted.set(request, { bearer: bearer ?? '', tenantId });
      },
    },
    (socket, request) => {
      const from = admitted.get(request);
      if (from !== undefined) serve(socket, context, from.bearer, from.tenantId);
    },
  );
}

function serve(socket: WebSocket, context: IngestContext, bearer: string, tenantId: string): void {
  let place: Disposable;
  try {
    place = context.connections.admit(tenantId);
  } catch {
    return socket.close(tryAgainLater, 'too many connections');
  }
  const lane = createFrameLane(context, bearer, {
    send: (text) =>
      new Promise((resolve, reject) => {
        socket.send(text, (error) => (error ? reject(error) : resolve()));
      }),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: (code, reason) => socket.close(code, reason),
  });
  socket.on('message', (data: RawData, isBinary: boolean) => lane.push(isBinary ? null : textOf(data)));
  socket.on('close', () => {
    lane.close();
    place[Symbol.dispose]();
  });
}

/** From the header, or for browsers from a subprotocol or the query. */
function bearerOf(request: FastifyRequest): string | undefined {
  const { authorization } = request.headers;
  if (authorization !== undefined) return authorization;
  const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((p) => p.trim());
  const inProtocol = protocols.find((p) => p.startsWith(tokenProtocol));
  if (inProtocol !== undefined) return inProtocol.slice(tokenProtocol.length);
  const { access_token: inQuery } = request.query as Readonly<Record<string, unknown>>;
  return typeof inQuery === 'string' ? inQuery : undefined;
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return data instanceof ArrayBuffer ? Buffer.from(data).toString('utf8') : data.toString('utf8');
}
