import { auth, Client, policies, types } from 'cassandra-driver';

import type { ClientCertificate } from '../../contracts/certificates.ts';
import { OpenFrameError } from '../../contracts/errors.ts';
import { isOverload, storeFault } from './store-fault.ts';

export interface CassandraConnection {
  /** `host:port` of the nodes to begin with; the others are found from them. */
  readonly contactPoints: readonly string[];
  readonly datacenter: string;
  readonly credentials?: { readonly username: string; readonly password: string };
  /** Whether connections are encrypted, with the certificate authorities that Node knows. Default false. */
  readonly tls?: boolean;
  /** What nodes are shown that ask for it; with `tls` alone. */
  readonly certificate?: ClientCertificate;
  /** Default `LOCAL_QUORUM`. */
  readonly consistency?: 'LOCAL_ONE' | 'LOCAL_QUORUM' | 'EACH_QUORUM' | 'ALL';
  /** How long one request may take before it counts as failed. Default 12,000. */
  readonly requestTimeoutMs?: number;
}

/** A value as a statement takes it: encoded already, or of a type that the driver encodes by the column's. */
export type CqlParameter = Buffer | string | number | readonly string[] | null | undefined;

export interface CqlStatement {
  readonly query: string;
  readonly params: readonly CqlParameter[];
}

/** Statements of one partition, and the timestamp that all their cells get, in microseconds. */
export interface CqlBatch {
  readonly timestamp: bigint;
  readonly statements: readonly CqlStatement[];
}

const consistencies = {
  LOCAL_ONE: types.consistencies.localOne,
  LOCAL_QUORUM: types.consistencies.localQuorum,
  EACH_QUORUM: types.consistencies.eachQuorum,
  ALL: types.consistencies.all,
};

/**
 * The driver's retries, but for an overloaded coordinator: asking its neighbour at once makes the overload the
 * cluster's. The caller backs off instead.
 */
class PatientRetries extends policies.retry.RetryPolicy {
  override onRequestError(
    info: policies.retry.OperationInfo,
    consistency: types.consistencies,
    error: Error,
  ): policies.retry.DecisionInfo {
    return isOverload(error) ? this.rethrowResult() : super.onRequestError(info, consistency, error);
  }
}

/** Connections to one cluster. All its errors are OpenFrame's: see `storeFault`. */
export class CassandraSession implements AsyncDisposable {
  readonly #client: Client;
  #closing: Promise<void> | undefined;

  private constructor(client: Client) {
    this.#client = client;
  }

  /** Throws `STORE_UNAVAILABLE` (retryable) or `CONFIGURATION_INVALID` and leaves no connection behind. */
  static async connect(connection: CassandraConnection): Promise<CassandraSession> {
    const client = new Client(clientOptions(connection));
    try {
      await client.connect();
    } catch (error) {
      await client.shutdown().catch(() => undefined);
      throw startFault(error, connection);
    }
    return new CassandraSession(client);
  }

  /** Runs a prepared, idempotent statement, and gives one page of its rows. */
  async execute(
    query: string,
    params: readonly CqlParameter[],
    page: { readonly fetchSize?: number; readonly pageState?: string } = {},
  ): Promise<types.ResultSet> {
    return this.#ask(() => this.#client.execute(query, [...params], { ...page, prepare: true }));
  }

  /** All rows of a query, a page at a time. */
  async *pages(
    query: string,
    params: readonly CqlParameter[],
    fetchSize: number,
  ): AsyncGenerator<readonly types.Row[], void, undefined> {
    let pageState: string | null | undefined;
    do {
      const result = await this.execute(query, params, {
        fetchSize,
        ...(typeof pageState === 'string' ? { pageState } : {}),
      });
      if (result.rows.length > 0) yield result.rows;
      // The driver's type leaves out that the last page has none.
      pageState = result.pageState;
    } while (typeof pageState === 'string');
  }

  /** Runs a statement that is not repeated by itself: a change of the schema, or a conditional one. */
  async executeOnce(query: string, params: readonly CqlParameter[] = []): Promise<types.ResultSet> {
    return this.#ask(() =>
      this.#client.execute(query, [...params], { prepare: params.length > 0, isIdempotent: false }),
    );
  }

  /** Writes statements of one partition as one mutation: all of it or nothing. */
  async writePartition(batch: CqlBatch): Promise<void> {
    const statements = batch.statements.map(({ query, params }) => ({ query, params: [...params] }));
    const timestamp = types.Long.fromString(batch.timestamp.toString());
    await this.#ask(() => this.#client.batch(statements, { ...batchOptions, timestamp }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#client.shutdown();
    return this.#closing;
  }

  async #ask<T>(request: () => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw closed();
    try {
      return await request();
    } catch (error) {
      throw this.#closing === undefined ? storeFault(error) : closed();
    }
  }
}

const batchOptions = { prepare: true, logged: false, isIdempotent: true };

function clientOptions(connection: CassandraConnection) {
  const { credentials } = connection;
  return {
    contactPoints: [...connection.contactPoints],
    localDataCenter: connection.datacenter,
    // The driver's own default takes any certificate.
    ...(connection.tls === true
      ? { sslOptions: { rejectUnauthorized: true, ...connection.certificate } }
      : {}),
    ...(credentials === undefined
      ? {}
      : { authProvider: new auth.PlainTextAuthProvider(credentials.username, credentials.password) }),
    // Prepared statements carry their own types and routing: the schema's metadata is not needed.
    isMetadataSyncEnabled: false,
    encoding: { useUndefinedAsUnset: true, useBigIntAsLong: true },
    queryOptions: {
      consistency: consistencies[connection.consistency ?? 'LOCAL_QUORUM'],
      serialConsistency: types.consistencies.localSerial,
      isIdempotent: true,
    },
    socketOptions: { connectTimeout: 5000, readTimeout: connection.requestTimeoutMs ?? 12_000 },
    policies: {
      loadBalancing: new policies.loadBalancing.TokenAwarePolicy(
        new policies.loadBalancing.DCAwareRoundRobinPolicy(connection.datacenter),
      ),
      reconnection: new policies.reconnection.ExponentialReconnectionPolicy(200, 5000),
      retry: new PatientRetries(),
    },
  };
}

function startFault(error: unknown, connection: CassandraConnection): OpenFrameError {
  const fault = storeFault(error);
  if (fault.code !== 'STORE_UNAVAILABLE') return fault;
  return new OpenFrameError(
    'STORE_UNAVAILABLE',
    `No Cassandra answers at ${connection.contactPoints.join(', ')}. ${fault.message} Start it, or correct the contact points.`,
    { retryable: true, details: { contactPoints: connection.contactPoints }, cause: error },
  );
}

function closed(): OpenFrameError {
  return new OpenFrameError('STORE_UNAVAILABLE', 'The event log was closed: open it again.', {
    retryable: true,
  });
}
