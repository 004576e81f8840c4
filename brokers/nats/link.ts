import { readFile } from 'node:fs/promises';
import {
  connect,
  credsAuthenticator,
  type Msg,
  type NatsConnection,
  type Payload,
  type RequestOptions,
} from '@nats-io/transport-node';

import { certificateAsked, type ClientCertificate, untrustedServer } from '../../contracts/certificates.ts';
import { OpenFrameError } from '../../contracts/errors.ts';
import type { Clock } from '../../streams/clock.ts';
import { asksForCertificate } from './asks-for-certificate.ts';
import { natsFault } from './faults.ts';

export interface NatsLinkOptions {
  /** `host:port` or `nats://host:port`, each; `tls://` where connections are encrypted. */
  readonly servers: readonly string[];
  /** Shown in the server's list of connections. */
  readonly clientName: string;
  readonly credentials?: NatsCredentials;
  /** What the server is shown, where connections are encrypted and it asks for it. */
  readonly certificate?: ClientCertificate;
  /** How long one request may take, and how long one waits for a lost connection. */
  readonly requestTimeoutMs: number;
  readonly clock: Clock;
}

/** `credentialsFile`: a user's JWT and the seed of its key, as `nsc` writes them (`.creds`). */
export type NatsCredentials =
  | { readonly username: string; readonly password: string }
  | { readonly token: string }
  | { readonly credentialsFile: string };

const reconnectEveryMs = 200;
const pingEveryMs = 5_000;

/** As the driver wants them. Throws `CONFIGURATION_INVALID` where the file cannot be read. */
async function secretsOf(credentials: NatsCredentials) {
  if ('token' in credentials) return { token: credentials.token };
  if ('username' in credentials) return { user: credentials.username, pass: credentials.password };
  const { credentialsFile } = credentials;
  const unusable = (cause?: unknown): OpenFrameError => {
    const what = `The credentials of NATS in ${credentialsFile} cannot be used: name a file that holds a user's JWT and seed.`;
    return new OpenFrameError('CONFIGURATION_INVALID', what, { cause });
  };
  const text = await readFile(credentialsFile).catch((cause: unknown) => {
    throw unusable(cause);
  });
  // The driver reads them when it connects, and takes what it cannot read for a server that is away.
  if (!/BEGIN NATS USER JWT[^]*BEGIN USER NKEY SEED/.test(text.toString())) throw unusable();
  return { authenticator: credsAuthenticator(text) };
}

/** Throws `CONFIGURATION_INVALID` where a server refused us for want of a certificate, which looks as if it were away. */
async function checkNoneAsked(hosts: readonly string[], timeoutMs: number, cause: unknown): Promise<void> {
  const asked = await Promise.all(hosts.map((host) => asksForCertificate(host, timeoutMs)));
  const asking = hosts.filter((_, i) => asked[i] === true);
  if (asking.length === 0) return;
  throw certificateAsked(`NATS at ${asking.join(', ')}`, 'OPENFRAME_NATS_TLS', cause);
}

/** One connection that comes back by itself for ever. While it is away, whatever needs it fails soon and retryably. */
export class NatsLink implements AsyncDisposable {
  readonly nc: NatsConnection;
  readonly #options: NatsLinkOptions;
  readonly #watching: Promise<void>;
  /** Aborts when the connection is lost; another one stands here once it is back. */
  #connected = new AbortController();
  #back = Promise.withResolvers<void>();

  /** Throws a retryable `STORE_UNAVAILABLE` where no server answers, `CONFIGURATION_INVALID` where it refuses us. */
  static async open(options: NatsLinkOptions): Promise<NatsLink> {
    const { servers, clientName, credentials, certificate, requestTimeoutMs } = options;
    const secrets = credentials === undefined ? {} : await secretsOf(credentials);
    const hosts = servers.map((server) => server.replace(/^[a-z]+:\/\//, ''));
    try {
      const nc = await connect({
        servers: hosts,
        name: clientName,
        ...secrets,
        ...(servers.some((server) => server.startsWith('tls://')) ? { tls: { ...certificate } } : {}),
        timeout: requestTimeoutMs,
        maxReconnectAttempts: -1,
        reconnectTimeWait: reconnectEveryMs,
        pingInterval: pingEveryMs,
        // A server that comes back may refuse everybody until it has read its accounts.
        ignoreAuthErrorAbort: true,
        // The trace of each request's start is for debugging, and costs more than the request.
        noAsyncTraces: true,
      });
      return new NatsLink(nc, options);
    } catch (error) {
      const distrust = untrustedServer(error, `NATS at ${servers.join(', ')}`);
      if (distrust !== null) throw distrust;
      if (certificate === undefined) await checkNoneAsked(hosts, requestTimeoutMs, error);
      throw natsFault(error, `Connecting to NATS at ${servers.join(', ')}`);
    }
  }

  private constructor(nc: NatsConnection, options: NatsLinkOptions) {
    this.nc = nc;
    this.#options = options;
    this.#back.resolve();
    this.#watching = this.#watch();
  }

  /** Aborts when the connection of now is lost, or closed. */
  get lost(): AbortSignal {
    return this.#connected.signal;
  }

  get requestTimeoutMs(): number {
    return this.#options.requestTimeoutMs;
  }

  /** Resolves while connected; otherwise waits a while, and throws a retryable `STORE_UNAVAILABLE`. */
  async ready(): Promise<void> {
    if (!this.lost.aborted) return;
    const over = new AbortController();
    const late = this.#options.clock.sleep(this.#options.requestTimeoutMs, over.signal);
    await Promise.race([this.#back.promise, late]);
    over.abort();
    if (this.lost.aborted) throw this.#away();
  }

  /** One answer. Throws what the driver throws, or that the connection was lost before it came. */
  async request(subject: string, payload: Payload, options: Partial<RequestOptions> = {}): Promise<Msg> {
    await this.ready();
    const timeout = this.#options.requestTimeoutMs;
    return this.#whileConnected(this.nc.request(subject, payload, { timeout, ...options }));
  }

  /** Calls of JetStream's API, which are repeatable; throws `natsFault`s. */
  async api<T>(doing: string, call: () => Promise<T>): Promise<T> {
    await this.ready();
    try {
      return await this.#whileConnected(call());
    } catch (error) {
      throw natsFault(error, `${doing} on NATS at ${this.nc.getServer()}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.nc.close();
    await this.#watching;
  }

  async #whileConnected<T>(answer: Promise<T>): Promise<T> {
    const { lost } = this;
    const gone = Promise.withResolvers<never>();
    const onLost = (): void => gone.reject(this.#away());
    if (lost.aborted) onLost();
    lost.addEventListener('abort', onLost, { once: true });
    try {
      return await Promise.race([answer, gone.promise]);
    } finally {
      lost.removeEventListener('abort', onLost);
      answer.catch(() => {});
    }
  }

  async #watch(): Promise<void> {
    for await (const { type } of this.nc.status()) {
      if (type === 'disconnect' && !this.lost.aborted) {
        this.#back = Promise.withResolvers<void>();
        this.#connected.abort();
      }
      if (type === 'reconnect') {
        this.#connected = new AbortController();
        this.#back.resolve();
      }
    }
    this.#connected.abort();
  }

  #away(): OpenFrameError {
    const servers = this.#options.servers.join(', ');
    const what = `NATS at ${servers} is away: it is being connected to again.`;
    return new OpenFrameError('STORE_UNAVAILABLE', what, { retryable: true });
  }
}
