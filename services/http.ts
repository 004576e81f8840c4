import { registerWebSockets } from '../agent-gateway/event-stream.ts';
import { registerControl } from './control-routes.ts';
import { registerDoor } from './door.ts';
import { registerHealth } from './health.ts';
import { createHttpApp, listenFault } from './http-app.ts';
import type { Operations } from './operations.ts';
import { type QueryOptions, registerQueries } from './queries.ts';
import { cutSlowReaders } from './slow-readers.ts';
import type { Stores } from './stores.ts';

export interface HttpOptions extends QueryOptions {
  readonly stores: Stores;
  readonly operations: Operations;
  readonly controlToken: string;
}

/** The one HTTP server of the embedded profile: ingest, queries, control, health, and the dashboard's files. */
export async function startHttp(options: HttpOptions): Promise<{ readonly url: string } & AsyncDisposable> {
  const { settings } = options;
  const app = createHttpApp(settings, 'platform');
  try {
    const registry = registerHealth(app, { pipelines: options.statuses });
    cutSlowReaders(app, { clock: options.clock, registry });
    registerControl(app, options.operations, options.controlToken);
    await registerWebSockets(app);
    registerDoor(app, options, registry);
    await registerQueries(app, options);
    const url = await app.listen({ host: settings.OPENFRAME_HOST, port: settings.OPENFRAME_PORT });
    return { url, [Symbol.asyncDispose]: () => app.close() };
  } catch (cause) {
    await app.close();
    throw listenFault(cause, settings);
  }
}
