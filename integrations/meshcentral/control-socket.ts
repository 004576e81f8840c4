import { randomBytes } from 'node:crypto';
import { type RawData, WebSocket } from 'ws';
import { z } from 'zod';

import type { Clock } from '../../streams/clock.ts';
import { checkedAddress } from '../tool-address.ts';
import { connectionFault, toolRefused, toolUnavailable } from '../tool-faults.ts';
import type { ReaderOptions } from '../tool-reader.ts';
import { trusting } from '../trust.ts';
import { closedFor } from './close-causes.ts';

const answerWithinMs = 60_000;
const handshakeTimeout = 30_000;
const maxPayload = 128 * 1024 * 1024;

const messageSchema = z.looseObject({ action: z.string() });
type Message = z.infer<typeof messageSchema>;
const userSchema = z.object({
  userinfo: z.object({ _id: z.string(), name: z.string().default(''), siteadmin: z.number().default(0) }),
});
export type MeshUser = z.infer<typeof userSchema>['userinfo'];

/**
 * MeshCentral's control socket, `control.ashx`, as `meshctrl` uses it: signed in by the header `x-meshauth`, JSON
 * messages both ways. One owner; it ends with the first fault.
 */
export class ControlSocket implements Disposable {
  readonly #where: string;
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  readonly #onMessage: (message: Message) => void;
  readonly #user = Promise.withResolvers<MeshUser>();
  readonly #ended = Promise.withResolvers<never>();
  #isIn = false;
  readonly #answers = new Map<string, (message: Message) => void>();

  /** Begins to connect. `onMessage` gets what is no answer to a question. */
  constructor(options: ReaderOptions, clock: Clock, onMessage: (message: Message) => void) {
    const base = checkedAddress(options.url, 'https:');
    const url = new URL(`${base.pathname.replace(/\/+$/, '')}/control.ashx`, base);
    url.protocol = base.protocol === 'https:' ? 'wss:' : 'ws:';
    this.#where = `MeshCentral at ${base.origin}`;
    this.#clock = clock;
    this.#onMessage = onMessage;
    const inBase64 = (text: string): string => Buffer.from(text).toString('base64');
    const headers = { 'x-meshauth': `${inBase64(options.user)},${inBase64(options.secret)}` };
    this.#socket = new WebSocket(url, { headers, handshakeTimeout, maxPayload, ...trusting(options.ca) });
    this.#ended.promise.catch(() => undefined);
    this.#user.promise.catch(() => undefined);
    this.#socket.on('message', (data) => this.#take(data));
    this.#socket.on('error', (error) => this.#end(connectionFault(this.#where, error)));
    this.#socket.on('unexpected-response', (_request, { statusCode }) =>
      this.#end(this.#notASocket(statusCode)),
    );
    this.#socket.on('close', () => this.#end(this.#closed()));
  }

  /** Rejects when the socket ends, and why. */
  get ended(): Promise<never> {
    return this.#ended.promise;
  }

  /** Who we are, once it has let us in. */
  async user(): Promise<MeshUser> {
    return this.#within(this.#user.promise);
  }

  /** Sends a request and waits for the answer that has its tag. */
  async ask(request: { readonly action: string; readonly [member: string]: unknown }): Promise<Message> {
    const tag = randomBytes(9).toString('base64url');
    const answer = Promise.withResolvers<Message>();
    this.#answers.set(tag, answer.resolve);
    try {
      this.#socket.send(JSON.stringify({ ...request, tag }));
      return await this.#within(answer.promise);
    } finally {
      this.#answers.delete(tag);
    }
  }

  [Symbol.dispose](): void {
    this.#end(toolUnavailable(`${this.#where} was left.`));
  }

  async #within<T>(work: Promise<T>): Promise<T> {
    const over = new AbortController();
    const late = this.#clock.sleep(answerWithinMs, over.signal).then(() => {
      if (!over.signal.aborted) throw toolUnavailable(`${this.#where} did not answer in time.`);
    });
    late.catch(() => undefined);
    try {
      return (await Promise.race([work, this.#ended.promise, late])) as T;
    } catch (error) {
      this.#end(error);
      throw error;
    } finally {
      over.abort();
    }
  }

  #take(data: RawData): void {
    const message = messageOf(data);
    if (message === null) {
      this.#end(
        toolUnavailable(`${this.#where} sends what is no message of MeshCentral: check the address.`),
      );
    } else if (message.action === 'close') {
      this.#end(closedFor(this.#where, message['cause'], message['msg']));
    } else if (message.action === 'userinfo') {
      const parsed = userSchema.safeParse(message);
      if (!parsed.success) return;
      this.#isIn = true;
      this.#user.resolve(parsed.data.userinfo);
    } else {
      const { tag } = message;
      const answer = typeof tag === 'string' ? this.#answers.get(tag) : undefined;
      (answer ?? this.#onMessage)(message);
    }
  }

  #closed(): Error {
    return this.#isIn
      ? toolUnavailable(`${this.#where} closed the connection.`)
      : toolUnavailable(`${this.#where} closed the connection before it let us in: check the address.`);
  }

  #notASocket(statusCode: number | undefined): Error {
    const message = `${this.#where} has no control socket (${String(statusCode)}): check the address.`;
    return (statusCode ?? 0) >= 500 ? toolUnavailable(message) : toolRefused(message);
  }

  #end(error: unknown): void {
    this.#ended.reject(error);
    this.#user.reject(error);
    this.#socket.removeAllListeners('message');
    this.#socket.on('error', () => undefined);
    this.#socket.terminate();
  }
}

function messageOf(data: RawData): Message | null {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
  try {
    const parsed = messageSchema.safeParse(JSON.parse(bytes.toString('utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
