import net from 'node:net';
import tls from 'node:tls';

import type { KafkaConnectionOptions } from '../client.ts';
import type { Address } from './address.ts';
import { LostConnection } from './faults.ts';
import { BufferPool } from './wire/buffer-pool.ts';
import { FrameReader } from './wire/frame-reader.ts';
import { WireReader } from './wire/wire-reader.ts';
import { WireWriter } from './wire/wire-writer.ts';

/** A request of the protocol: flexible versions only (request header 2, response header 1). */
export interface Api {
  readonly key: number;
  readonly version: number;
}

/** Carries requests of our own, as bytes. Requests are answered in the order in which they were sent. */
export interface RawConnection {
  /** Sends a body in pieces, uncopied; resolves with the answer's body. Throws `LostConnection` where none comes. */
  send(api: Api, pieces: readonly Buffer[]): Promise<Buffer>;
  isConnected(): boolean;
  close(): Promise<void>;
  /** The memory of an answer whose bytes nobody looks at any more, for later answers. */
  reuse(answer: Buffer): void;
}

/** Smaller answers are left to the garbage collector. */
const pooledFromBytes = 64 * 1024;

interface Waiting {
  readonly correlationId: number;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (answer: Buffer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A socket of our own for the data path: what a broker sends is read into the buffer that it is handed out in, and
 * batches are written from where they lie. A library's connection keeps both in lists of chunks, and joins them.
 */
export class SocketConnection implements RawConnection {
  readonly #clientId: string;
  readonly #timeoutMs: number;
  readonly #pool = new BufferPool();
  readonly #frames = new FrameReader(
    (frame) => this.#answered(frame),
    (sizeBytes) => (sizeBytes < pooledFromBytes ? Buffer.allocUnsafe(sizeBytes) : this.#pool.take(sizeBytes)),
  );
  readonly #waiting: Waiting[] = [];
  readonly #socket: net.Socket;
  #nextId = 1;
  #lost: Error | undefined;

  private constructor(
    options: KafkaConnectionOptions,
    at: Address,
    timeoutMs: number,
    connected: (lost?: Error) => void,
  ) {
    this.#clientId = options.clientId;
    this.#timeoutMs = timeoutMs;
    const where = {
      ...at,
      onread: { buffer: () => this.#frames.room(), callback: (count: number) => this.#read(count) },
    };
    const socket =
      options.tls === true
        ? tls.connect({ ...where, ...serverName(at.host), ...options.certificate }, connected)
        : net.connect(where, connected);
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.once('error', (error) => this.#lose('failed', error));
    socket.once('close', () => this.#lose('was closed'));
    socket.once('close', () => connected(this.#lost));
  }

  /** Resolves once connected (with TLS where the options say so); signing in is not done here. */
  static async open(
    options: KafkaConnectionOptions,
    at: Address,
    timeoutMs: number,
  ): Promise<SocketConnection> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const connection = new SocketConnection(options, at, timeoutMs, (lost) => {
      if (lost === undefined) resolve(undefined);
      else reject(lost);
    });
    const timer = setTimeout(() => connection.#lose('did not open in time'), options.requestTimeoutMs);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
    }
    return connection;
  }

  isConnected(): boolean {
    return this.#lost === undefined;
  }

  send(api: Api, pieces: readonly Buffer[]): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (this.#lost !== undefined) return reject(this.#lost);
      const correlationId = this.#nextId;
      this.#nextId = (this.#nextId + 1) & 0x7fffffff;
      const timer = setTimeout(() => this.#lose('did not answer in time'), this.#timeoutMs);
      this.#waiting.push({ correlationId, timer, resolve, reject });
      const socket = this.#socket;
      socket.cork();
      socket.write(this.#header(api, correlationId, pieces));
      for (const piece of pieces) socket.write(piece);
      socket.uncork();
    });
  }

  async close(): Promise<void> {
    this.#lose('was closed here');
  }

  reuse(answer: Buffer): void {
    if (answer.length >= pooledFromBytes) this.#pool.give(Buffer.from(answer.buffer));
  }

  #header(api: Api, correlationId: number, pieces: readonly Buffer[]): Buffer {
    const clientId = Buffer.from(this.#clientId);
    const body = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const w = new WireWriter(64);
    w.int32(11 + clientId.length + body)
      .int16(api.key)
      .int16(api.version)
      .int32(correlationId);
    return Buffer.concat([w.int16(clientId.length).written(), clientId, Buffer.of(0)]);
  }

  #read(count: number): boolean {
    try {
      this.#frames.filled(count);
    } catch (error) {
      this.#lose('answered what is not the protocol', error);
    }
    return true;
  }

  #answered(frame: Buffer): void {
    const waiting = this.#waiting.shift();
    const reader = new WireReader(frame);
    const correlationId = reader.int32();
    if (waiting === undefined || waiting.correlationId !== correlationId) {
      if (waiting !== undefined) this.#waiting.unshift(waiting);
      return this.#lose('answered what was not asked');
    }
    clearTimeout(waiting.timer);
    reader.tags();
    waiting.resolve(frame.subarray(reader.position));
  }

  #lose(how: string, cause?: unknown): void {
    if (this.#lost !== undefined) return;
    this.#lost = new LostConnection(`The connection to Kafka ${how}.`, cause);
    this.#socket.destroy();
    for (const { timer, reject } of this.#waiting.splice(0)) {
      clearTimeout(timer);
      reject(this.#lost);
    }
  }
}

/** An address is no name to check a certificate's names against. */
function serverName(host: string): { readonly servername?: string } {
  return net.isIP(host) === 0 ? { servername: host } : {};
}
