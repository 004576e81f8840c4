import { registerWebSockets } from '../../agent-gateway/event-stream.ts';
import { registerApiProxy } from '../api-proxy.ts';
import { registerDoor } from '../door.ts';
import type { RoleContext } from '../role-context.ts';
import type { RoleWork } from '../role-process.ts';
import { openTokens } from '../tokens.ts';

/** The door for agents, and the way to the query role behind it. */
export async function startGateway({ engines, settings, clock, stack }: RoleContext): Promise<RoleWork> {
  const [messaging, documents, cache] = await Promise.all([
    engines.messaging(),
    engines.documents(),
    engines.cache(),
  ]);
  const stores = { messaging, cache, documents, tokens: openTokens(documents, clock) };
  const queryUrl = settings.OPENFRAME_QUERY_URL;
  return {
    routes: async (app, registry) => {
      await registerWebSockets(app);
      registerDoor(app, { settings, stores, clock }, registry);
      if (queryUrl !== undefined) stack.use(registerApiProxy(app, queryUrl));
    },
  };
}
