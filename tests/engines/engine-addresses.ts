import { inject } from 'vitest';

import type { EngineAddresses } from '../../engines/engine.ts';

interface EngineTools {
  readonly cacheDir: string;
  readonly javaHome?: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    engines: EngineAddresses;
    /** `external`: the servers at the default addresses, whoever runs them. `own`: see `provide-engines.ts`. */
    engineSource: string;
    engineTools: EngineTools;
  }
}

/** Where the real servers of this run answer, by the names of the settings. */
export function engineAddresses(): EngineAddresses {
  return inject('engines');
}

/** What a suite that starts its own engines gives to `startEngines`. */
export function engineTools(): EngineTools {
  return inject('engineTools');
}
