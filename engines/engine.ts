/** The real servers, in the order in which people are told about them. */
export const engineNames = ['nats', 'kafka', 'cassandra', 'pinot', 'mongodb', 'redis'] as const;

export type EngineName = (typeof engineNames)[number];

/** Where the servers answer, by the names of the platform's settings. */
export interface EngineAddresses {
  readonly OPENFRAME_NATS_URL: string;
  readonly OPENFRAME_NATS_MONITORING_URL: string;
  readonly OPENFRAME_KAFKA_BROKERS: string;
  readonly OPENFRAME_CASSANDRA_CONTACT_POINTS: string;
  readonly OPENFRAME_PINOT_BROKER_URL: string;
  readonly OPENFRAME_PINOT_CONTROLLER_URL: string;
  readonly OPENFRAME_MONGODB_URL: string;
  readonly OPENFRAME_REDIS_URL: string;
}

/** An engine's ports by what they are for. */
export type Ports<Use extends string = string> = Readonly<Record<Use, number>>;

/** One server program of an engine. */
export interface ProcessPlan {
  /** Unique among all engines: `kafka`, `pinot-server`. Names the log, too. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** A round trip in a server's own protocol: resolves when it was answered rightly, rejects otherwise. */
export type Answers<Use extends string = string> = (ports: Ports<Use>, signal: AbortSignal) => Promise<void>;

/** What an engine has to work with. */
export interface EnginePlace<Use extends string = string> {
  /** The folder of its fetched programs; read only. */
  readonly programs: string;
  /** A folder of its own for configuration and data. */
  readonly folder: string;
  readonly ports: Ports<Use>;
  /** The `java` to start. */
  readonly java: string;
  /** Pinot's roles in a process each instead of one process for all, so that each can be stopped alone. */
  readonly pinotApart: boolean;
  readonly natsSettings: NatsSettings;
  /** Lines added at the end of the server's configuration; '' for none. */
  readonly more: string;
}

/** What a test may want of NATS that nobody should have otherwise. */
export interface NatsSettings {
  /** When what is acknowledged reaches the disk; `2m` is the server's own default. Default `always`. */
  readonly syncInterval?: string;
  /**
   * Lines added to the server's configuration, such as users with their permissions. Whoever does not sign in
   * (`no_auth_user`) must be allowed to ask for JetStream's account: that is how the server is found ready.
   */
  readonly more?: string;
}

/**
 * Lines added at the end of a server's own configuration, by engine, from its ports: other listeners, users, rights.
 * The later of two lines counts. Kafka, Cassandra and Redis have it.
 */
export type MoreSettings = Partial<
  Readonly<Record<'kafka' | 'cassandra' | 'redis', (ports: Ports) => string>>
>;

/** A kind of server that this folder fetches and starts. */
export interface Engine<Use extends string = string> {
  readonly name: EngineName;
  readonly defaultPorts: Ports<Use>;
  readonly needsJava: boolean;
  /** How each of its programs is asked, by the name of its plan. */
  readonly answers: Readonly<Record<string, Answers<Use>>>;
  /** Writes the configuration, and formats the storage where there is none. Its programs start in this order. */
  prepare(place: EnginePlace<Use>): Promise<readonly ProcessPlan[]>;
  addresses(ports: Ports<Use>): Partial<EngineAddresses>;
}

/** All listen here and nowhere else, but Pinot's server port: Pinot has no setting for that one. */
export const loopback = '127.0.0.1';
