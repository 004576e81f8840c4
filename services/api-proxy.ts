import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Pool } from 'undici';

import { OpenFrameError } from '../contracts/errors.ts';
import { passSocketOn } from './socket-proxy.ts';

/** Headers of one connection, never passed on (RFC 9110 section 7.6.1). */
const hopByHop = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/**
 * Passes every request that no other route takes on to the role query, bodies and answers as streams, so that
 * agents, people and programs need one address. Subscriptions over WebSocket pass as well: the app must have its
 * WebSocket server by then. Dispose it after the app is closed.
 */
export function registerApiProxy(app: FastifyInstance, queryUrl: string): AsyncDisposable {
  const pool = new Pool(queryUrl, { headersTimeout: 0, bodyTimeout: 0 });
  const closing = new AbortController();
  app.register((scope, _options, done) => {
    scope.addHook('preClose', async () => closing.abort());
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, parsed) => parsed(null, payload));
    scope.route({
      method: methods,
      url: '/*',
      handler: (request, reply) => passOn({ pool, queryUrl, closing: closing.signal }, request, reply),
    });
    scope.route({
      method: 'GET',
      url: '/graphql',
      exposeHeadRoute: false,
      handler: (request, reply) => passOn({ pool, queryUrl, closing: closing.signal }, request, reply),
      wsHandler: (socket, { raw, headers }) =>
        passSocketOn(queryUrl, socket, { url: raw.url ?? '/', headers }, closing.signal),
    });
    done();
  });
  return { [Symbol.asyncDispose]: () => pool.destroy() };
}

interface Proxy {
  readonly pool: Pool;
  readonly queryUrl: string;
  /** Ends what would never end by itself. */
  readonly closing: AbortSignal;
}

async function passOn(
  { pool, queryUrl, closing }: Proxy,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  reply.raw.once('close', () => {
    closing.removeEventListener('abort', leave);
    leave();
  });
  try {
    const answer = await pool.request({
      method: request.method,
      path: request.raw.url ?? '/',
      headers: passed(request.headers),
      body: hasBody(request) ? request.raw : null,
      signal: gone.signal,
    });
    if (String(answer.headers['content-type']).startsWith('text/event-stream')) {
      closing.addEventListener('abort', leave, { once: true });
    }
    return await reply.code(answer.statusCode).headers(passed(answer.headers)).send(answer.body);
  } catch (cause) {
    throw new OpenFrameError('STORE_UNAVAILABLE', `The queries do not answer now: ${queryUrl} is away.`, {
      retryable: true,
      cause,
    });
  }
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function passed(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || hopByHop.has(name) ? [] : [[name, value]],
    ),
  );
}
