import type { Server } from 'node:http';
import { fastify, type FastifyInstance, LogController } from 'fastify';

import { registerNotFound, registerProblemHandler } from '../agent-gateway/problem-handler.ts';
import { OpenFrameError } from '../contracts/errors.ts';
import type { Settings } from './settings.ts';

/**
 * An HTTP application as every process of the platform has it: faults as problem details, the log as JSON lines
 * on standard error. On a `server` that it is given it closes with what is under way finished; on one of its
 * own it cuts connections. While `isStarting` nothing is told to be missing.
 */
export function createHttpApp(
  settings: Settings,
  role: string,
  server?: Server,
  isStarting?: () => boolean,
): FastifyInstance {
  const level = settings.OPENFRAME_LOG_LEVEL;
  const app = fastify({
    logger: level === 'silent' ? false : { level, stream: process.stderr, base: { role, pid: process.pid } },
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { maxParamLength: 512 },
    // Who has not sent a whole request by then is cut; headers have 60 s.
    requestTimeout: 120_000,
    forceCloseConnections: server === undefined ? true : 'idle',
    ...(server === undefined ? {} : { serverFactory: () => server }),
  });
  registerProblemHandler(app);
  registerNotFound(app, isStarting);
  return app;
}

/** What a failed `listen` means: `PORT_IN_USE` names the port; anything else is as it was. */
export function listenFault(cause: unknown, settings: Settings): unknown {
  const { OPENFRAME_HOST: host, OPENFRAME_PORT: port } = settings;
  if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') return cause;
  return new OpenFrameError(
    'PORT_IN_USE',
    `Port ${port} of ${host} is used by another program. Stop it, or choose another port with --port.`,
    { cause, details: { host, port } },
  );
}
