import { inject } from 'vitest';

/** Where the real servers of this run answer, by the names of the settings. */
export interface EngineAddresses {
  readonly OPENFRAME_NATS_URL: string;
  readonly OPENFRAME_KAFKA_BROKERS: string;
  readonly OPENFRAME_CASSANDRA_CONTACT_POINTS: string;
  readonly OPENFRAME_PINOT_BROKER_URL: string;
  readonly OPENFRAME_PINOT_CONTROLLER_URL: string;
  readonly OPENFRAME_MONGODB_URL: string;
  readonly OPENFRAME_REDIS_URL: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    engines: EngineAddresses;
    /** `external`: the servers at the default addresses, whoever runs them. */
    engineSource: string;
  }
}

export function engineAddresses(): EngineAddresses {
  return inject('engines');
}
