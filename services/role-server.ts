import { once } from 'node:events';
import { createServer } from 'node:http';
import type { FastifyInstance } from 'fastify';

import { createHttpApp, listenFault } from './http-app.ts';
import type { Settings } from './settings.ts';

export type RegisterRoutes = (app: FastifyInstance) => void | Promise<void>;

/** The HTTP server of one role. It listens from the start, so that health is told while engines are awaited. */
export interface RoleServer {
  readonly url: string;
  /** From now on requests go to these routes; connections stay. */
  serve(register: RegisterRoutes): Promise<void>;
  /** Takes no new connection, finishes the requests in hand and resolves; cuts what is left after `maxMs`. */
  close(maxMs: number): Promise<void>;
  readonly log: FastifyInstance['log'];
}

/** Until `isStarting` is over, what is not served is asked to come again (503). Throws `PORT_IN_USE`. */
export async function startRoleServer(
  settings: Settings,
  role: string,
  register: RegisterRoutes,
  isStarting: () => boolean,
): Promise<RoleServer> {
  const server = createServer((request, response) => current.routing(request, response));
  const create = async (routes: RegisterRoutes): Promise<FastifyInstance> => {
    const app = createHttpApp(settings, role, server, isStarting);
    try {
      await routes(app);
      await app.ready();
      return app;
    } catch (cause) {
      await app.close();
      throw cause;
    }
  };
  let current = await create(register);
  const { OPENFRAME_HOST: host, OPENFRAME_PORT: port } = settings;
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw listenFault(cause, settings);
  }
  const address = server.address();
  const boundPort = address !== null && typeof address === 'object' ? address.port : port;
  const { log } = current;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${boundPort}`,
    log,
    async serve(routes) {
      current = await create(routes);
    },
    async close(maxMs) {
      const cutting = setTimeout(() => {
        log.warn(`Requests were still open after ${maxMs} ms and were cut.`);
        server.closeAllConnections();
      }, maxMs);
      // Fastify leaves a server that it did not make open.
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await current.close();
      server.closeIdleConnections();
      await closed;
      clearTimeout(cutting);
    },
  };
}
