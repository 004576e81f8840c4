import axios, { type AxiosInstance, AxiosError, type AxiosResponse } from 'axios';

import { untrustedServer } from '../../contracts/certificates.ts';
import { isRetryable, messageOf, OpenFrameError } from '../../contracts/errors.ts';
import { type AnswerTable, type Row, tableOf, unavailable } from './answer.ts';

export interface PinotConnection {
  readonly brokerUrls: readonly string[];
  readonly controllerUrl: string;
  /** Value of the header Authorization, where the cluster asks for one. */
  readonly authorization?: string;
  /** How long one question may take. Default 10,000. */
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 10_000;
/** Over what a broker is given, so that its own message of a time-out arrives. */
const graceMs = 1_000;
const maxAnswerBytes = 256 * 1024 * 1024;

/** What is asked for beside each statement. `timeoutMs` as in `PinotConnection`. */
export function queryOptions(timeoutMs = defaultTimeoutMs): string {
  // Servers leave no group out because others are larger: the order of groups would then be a guess.
  return `timeoutMs=${timeoutMs};minServerGroupTrimSize=-1;minSegmentGroupTrimSize=-1`;
}

/** HTTP to Pinot's brokers, which answer questions, and to its controller, which knows tables. */
export class PinotClient {
  readonly #connection: PinotConnection;
  readonly #http: AxiosInstance;
  readonly #closing = new AbortController();
  #next = 0;

  constructor(connection: PinotConnection) {
    this.#connection = connection;
    const { authorization, timeoutMs = defaultTimeoutMs } = connection;
    this.#http = axios.create({
      timeout: timeoutMs + graceMs,
      signal: this.#closing.signal,
      // Loopback and clusters' own names are not for a proxy.
      proxy: false,
      maxRedirects: 0,
      maxContentLength: maxAnswerBytes,
      maxBodyLength: maxAnswerBytes,
      validateStatus: () => true,
      headers: authorization === undefined ? {} : { Authorization: authorization },
    });
  }

  close(): void {
    this.#closing.abort();
  }

  /**
   * The whole answer to a query, from whichever broker gives it: each is asked once, the next one first each time.
   * Throws what `tableOf` throws, of the last that was asked.
   */
  async query(sql: string): Promise<readonly Row[]> {
    return (await this.table(sql)).rows;
  }

  /** The same, with what the columns are. */
  async table(sql: string): Promise<AnswerTable> {
    this.#checkOpen();
    const { brokerUrls } = this.#connection;
    const first = this.#next++;
    let fault: unknown;
    for (const [tried] of brokerUrls.entries()) {
      const url = brokerUrls[(first + tried) % brokerUrls.length] ?? '';
      try {
        return await this.#ask(url, sql);
      } catch (error) {
        if (!isRetryable(error)) throw error;
        fault = error;
      }
    }
    throw fault;
  }

  /** How many segments of a table every broker that answers knows of. Throws what `tableOf` throws, where none does. */
  async knownSegments(tableName: string): Promise<number> {
    this.#checkOpen();
    const asked = this.#connection.brokerUrls.map((url) =>
      this.#ask(url, `SELECT COUNT(*) FROM ${tableName}`),
    );
    const answers = await Promise.allSettled(asked);
    const known = answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value.segments] : []));
    if (known.length === 0) await Promise.all(asked);
    return Math.min(...known);
  }

  async #ask(brokerUrl: string, sql: string): Promise<AnswerTable> {
    const body = { sql, queryOptions: queryOptions(this.#connection.timeoutMs) };
    const { status, data } = await this.#send('post', `${brokerUrl}/query/sql`, body);
    if (status !== 200) throw refusal(status, data, brokerUrl);
    return tableOf(data);
  }

  /** What the controller answers; null for 404. Throws `STORE_UNAVAILABLE`, or `CONFIGURATION_INVALID` for a refusal. */
  async controller(
    method: 'get' | 'post' | 'put' | 'delete',
    path: string,
    body?: unknown,
  ): Promise<unknown> {
    this.#checkOpen();
    const { controllerUrl } = this.#connection;
    const { status, data } = await this.#send(method, `${controllerUrl}${path}`, body);
    if (status === 404) return null;
    if (status >= 300) throw refusal(status, data, controllerUrl);
    return data;
  }

  async #send(method: string, url: string, data: unknown): Promise<AxiosResponse<unknown>> {
    try {
      return await this.#http.request<unknown>({ method, url, data });
    } catch (error) {
      this.#checkOpen();
      const where = new URL(url).host;
      const distrust = untrustedServer(error, `Pinot at ${where}`);
      if (distrust !== null) throw distrust;
      const what = error instanceof AxiosError ? (error.code ?? error.message) : messageOf(error);
      throw unavailable(
        `${where} does not answer (${what}): see that it runs, or correct its address`,
        error,
      );
    }
  }

  #checkOpen(): void {
    if (!this.#closing.signal.aborted) return;
    throw new OpenFrameError('STORE_UNAVAILABLE', 'Analytics was closed: open it again.', {
      retryable: true,
    });
  }
}

function refusal(status: number, data: unknown, url: string): OpenFrameError {
  const where = new URL(url).host;
  const text =
    typeof data === 'object' && data !== null && 'error' in data ? String(data.error) : `${status}`;
  if (status === 401 || status === 403) {
    return new OpenFrameError(
      'CONFIGURATION_INVALID',
      `Pinot at ${where} refuses us (${status}): set the value of the header Authorization that it asks for.`,
    );
  }
  if (status >= 500 || status === 429) return unavailable(`${where}: ${text}`);
  return new OpenFrameError('CONFIGURATION_INVALID', `Pinot at ${where} refuses a request: ${text}`);
}
