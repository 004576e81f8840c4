import { inject } from 'vitest';

import type { EngineAddresses } from '../../engines/engine.ts';

declare module 'vitest' {
  interface ProvidedContext {
    engines: EngineAddresses;
    /** `external`: the servers at the default addresses, whoever runs them. `own`: see `provide-engines.ts`. */
    engineSource: string;
    /** Where fetched engines are kept. */
    engineCache: string;
  }
}

/** Where the real servers of this run answer, by the names of the settings. */
export function engineAddresses(): EngineAddresses {
  return inject('engines');
}

/** Where fetched engines are kept, for a suite that starts its own. */
export function engineCache(): string {
  return inject('engineCache');
}
