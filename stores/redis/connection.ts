import { createClient, ErrorReply } from '@redis/client';

import { certificateFault, type ClientCertificate } from '../../contracts/certificates.ts';
import { messageOf, OpenFrameError } from '../../contracts/errors.ts';
import { takeScript } from './take-script.ts';

export type Client = ReturnType<typeof newClient>;

export interface ConnectionOptions {
  /** `redis://user:password@host:6379/0`, `rediss://` for TLS. */
  readonly url: string;
  /** What a server is shown that asks for it; with `rediss://` alone. */
  readonly certificate?: ClientCertificate;
  readonly timeoutMs: number;
  readonly clientName?: string;
}

const maxReconnectMs = 2_000;
/** Answers that are waited for: more are refused, so that a slow server does not fill the memory. */
const maxCommands = 10_000;

/**
 * One connection that is made again when it ends, and when a call was not answered in time (a peer that went
 * without a word). While it is away calls fail at once; nothing is queued for later.
 */
export class Connection implements AsyncDisposable {
  readonly #options: ConnectionOptions;
  readonly #where: string;
  #client: Client;
  #closed = false;

  private constructor(options: ConnectionOptions, where: string, client: Client) {
    this.#options = options;
    this.#where = where;
    this.#client = client;
  }

  static async open(options: ConnectionOptions): Promise<Connection> {
    const where = hostOf(options.url);
    const client = newClient(options);
    const connection = new Connection(options, where, client);
    try {
      await answeredWithin(options.timeoutMs, connectOnce(client));
      return connection;
    } catch (error) {
      client.destroy();
      throw toCacheFault(error, 'open', where);
    }
  }

  async run<T>(what: string, call: (client: Client) => Promise<T>): Promise<T> {
    const client = this.#client;
    if (this.#closed) {
      throw new OpenFrameError('STORE_UNAVAILABLE', `The cache at ${this.#where} was closed.`);
    }
    try {
      return await answeredWithin(this.#options.timeoutMs, call(client));
    } catch (error) {
      if (error instanceof NoAnswer) this.#renew(client);
      throw toCacheFault(error, what, this.#where);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    if (this.#client.isOpen) this.#client.destroy();
  }

  #renew(silent: Client): void {
    // Of many calls that waited on the same connection the first one is enough.
    if (this.#closed || this.#client !== silent) return;
    this.#client = newClient(this.#options);
    if (silent.isOpen) silent.destroy();
    this.#client.connect().catch(() => undefined);
  }
}

class NoAnswer extends Error {}

function newClient({ url, certificate, timeoutMs, clientName }: ConnectionOptions) {
  const client = createClient({
    url,
    ...(clientName === undefined ? {} : { name: clientName }),
    scripts: { takeTokens: takeScript },
    disableOfflineQueue: true,
    commandsQueueMaxLength: maxCommands,
    socket: {
      ...(certificate === undefined ? {} : { tls: true as const, ...certificate }),
      connectTimeout: timeoutMs,
      reconnectStrategy: (retries) => Math.min(50 * 2 ** Math.min(retries, 10), maxReconnectMs),
    },
  });
  // Without a listener a lost connection would end the process; each call says it by itself.
  client.on('error', () => undefined);
  return client;
}

/** Rejects with the first fault, where the client would go on trying. */
async function connectOnce(client: Client): Promise<void> {
  const fault = Promise.withResolvers<never>();
  client.once('error', fault.reject);
  await Promise.race([client.connect(), fault.promise]);
  client.off('error', fault.reject);
}

async function answeredWithin<T>(timeoutMs: number, answer: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new NoAnswer(`no answer within ${timeoutMs} ms`)), timeoutMs);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** host:port, without user and password. */
function hostOf(url: string): string {
  try {
    const { protocol, host } = new URL(url);
    if (/^rediss?:$/.test(protocol) && host !== '') return host;
  } catch {
    // Said below, without the text: it may hold a password.
  }
  throw new OpenFrameError(
    'CONFIGURATION_INVALID',
    'The address of Redis cannot be used: write redis://host:port, or rediss://host:port for TLS.',
  );
}

function toCacheFault(error: unknown, what: string, where: string): OpenFrameError {
  const distrust = certificateFault(error, `Redis at ${where}`, 'OPENFRAME_REDIS_TLS');
  if (distrust !== null) return distrust;
  if (error instanceof ErrorReply && /^(NOAUTH|WRONGPASS|NOPERM|ERR invalid password)/.test(error.message)) {
    return new OpenFrameError(
      'CONFIGURATION_INVALID',
      `Redis at ${where} refuses to ${what} (${error.message}): give a user and password that may.`,
      { cause: error },
    );
  }
  return new OpenFrameError(
    'STORE_UNAVAILABLE',
    `The cache could not ${what}: Redis at ${where}: ${messageOf(error)}. See that the server runs.`,
    { retryable: true, cause: error },
  );
}
