import { OpenFrameError } from '../contracts/errors.ts';
import type { Clock } from '../streams/clock.ts';
import { engineAddresses } from './engine-checks.ts';
import type { EngineName, Engines } from './engines.ts';
import type { Settings } from './settings.ts';

/** Who opens the engines: names the connections on the servers. */
export interface EngineUser {
  readonly clock: Clock;
  readonly role: string;
}

/** The real engines that the settings name. */
export function distributedEngines(settings: Settings, _user: EngineUser): Engines {
  const where = (name: EngineName): string => {
    const servers = engineAddresses(settings).filter(({ engine }) => engine === name);
    return servers.map(({ product, nodes }) => `${product} at ${nodes.join(', ')}`).join(', ');
  };
  const missing = (name: EngineName): Promise<never> =>
    Promise.reject(new OpenFrameError('INTERNAL', `${where(name)} has no adapter.`));
  return {
    where,
    messaging: () => missing('messaging'),
    log: () => missing('log'),
    eventLog: () => missing('eventLog'),
    analytics: () => missing('analytics'),
    documents: () => missing('documents'),
    cache: () => missing('cache'),
  };
}
