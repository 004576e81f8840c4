import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

import { messageOf, OpenFrameError } from '../contracts/errors.ts';

export interface BodyLimits {
  /** As it comes over the wire. */
  readonly compressedBytes: number;
  /** After inflating. */
  readonly inflatedBytes: number;
}

export interface BodyRequest {
  readonly stream: Readable;
  /** The Content-Encoding header. */
  readonly encoding: string | undefined;
  /** The Content-Length header, where there is one. */
  readonly length: string | undefined;
  readonly limits: BodyLimits;
  /** Called with the bytes of each piece once inflated; may throw to stop. */
  readonly grow: (bytes: number) => void;
}

export interface Body {
  readonly bytes: Buffer;
  /** Whether `bytes` has memory of its own: what came in one piece shares that of its connection. */
  readonly isAlone: boolean;
  /** Bytes that came over the wire. */
  readonly receivedBytes: number;
}

const inflateChunkBytes = 64 * 1024;

/**
 * Reads a body whole, inflating gzip on the way and stopping at the first byte over a limit: a gzip bomb
 * costs no more than the limit. Throws `BODY_TOO_LARGE`, `BODY_UNREADABLE` for damaged or cut gzip, and
 * `MEDIA_TYPE_UNSUPPORTED` for another encoding (RFC 9110 section 15.5.16).
 */
export async function readBody(request: BodyRequest): Promise<Body> {
  const { encoding = 'identity', limits } = request;
  const gzip = isGzip(encoding);
  const most = gzip ? limits.compressedBytes : Math.min(limits.compressedBytes, limits.inflatedBytes);
  if (Number(request.length ?? 0) > most) throw tooLarge(most, 'sent');
  return gzip ? readGzip(request) : readPlain(request, most);
}

function isGzip(encoding: string): boolean {
  const name = encoding.trim().toLowerCase();
  if (name === 'gzip' || name === 'x-gzip') return true;
  if (name === 'identity' || name === '') return false;
  throw new OpenFrameError(
    'MEDIA_TYPE_UNSUPPORTED',
    `Content-Encoding ${JSON.stringify(name.slice(0, 40))} is not taken: send gzip, or no encoding.`,
  );
}

async function readPlain({ stream, grow }: BodyRequest, most: number): Promise<Body> {
  const pieces: Buffer[] = [];
  let receivedBytes = 0;
  try {
    for await (const piece of piecesOf(stream)) {
      receivedBytes += piece.length;
      if (receivedBytes > most) throw tooLarge(most, 'sent');
      grow(piece.length);
      pieces.push(piece);
    }
  } catch (error) {
    throw error instanceof OpenFrameError ? error : cut(error);
  }
  return { bytes: joined(pieces, receivedBytes), isAlone: pieces.length > 1, receivedBytes };
}

async function readGzip({ stream, limits, grow }: BodyRequest): Promise<Body> {
  const gunzip = createGunzip({ chunkSize: inflateChunkBytes });
  const pieces: Buffer[] = [];
  let receivedBytes = 0;
  let inflatedBytes = 0;
  stream.on('data', (piece: Buffer) => {
    receivedBytes += piece.length;
    if (receivedBytes > limits.compressedBytes) gunzip.destroy(tooLarge(limits.compressedBytes, 'sent'));
  });
  // A request that is cut closes without an end: without this the inflater would wait for ever.
  stream.once('error', (error) => gunzip.destroy(cut(error)));
  stream.once('close', () => {
    if (!stream.readableEnded) gunzip.destroy(cut(undefined));
  });
  stream.pipe(gunzip);
  try {
    for await (const piece of piecesOf(gunzip)) {
      inflatedBytes += piece.length;
      if (inflatedBytes > limits.inflatedBytes) throw tooLarge(limits.inflatedBytes, 'inflated');
      grow(piece.length);
      pieces.push(piece);
    }
  } catch (error) {
    throw error instanceof OpenFrameError ? error : notGzip(error);
  } finally {
    stream.unpipe(gunzip);
    gunzip.destroy();
  }
  return { bytes: joined(pieces, inflatedBytes), isAlone: pieces.length > 1, receivedBytes };
}

/** Leaves the stream open when the reader stops early: the answer still has to go out on its connection. */
function piecesOf(stream: Readable): AsyncIterable<Buffer> {
  return stream.iterator({ destroyOnReturn: false });
}

function joined(pieces: readonly Buffer[], length: number): Buffer {
  const [only] = pieces;
  return pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces, length);
}

function cut(cause: unknown): OpenFrameError {
  const message = 'The body ended before all of it was there: send it again.';
  return new OpenFrameError('BODY_UNREADABLE', message, { cause });
}

function notGzip(cause: unknown): OpenFrameError {
  return new OpenFrameError(
    'BODY_UNREADABLE',
    `The body is not whole gzip (${messageOf(cause)}): compress it again, or send it without.`,
    { cause },
  );
}

function tooLarge(limitBytes: number, when: string): OpenFrameError {
  return new OpenFrameError(
    'BODY_TOO_LARGE',
    `The body has more than ${limitBytes} bytes ${when}: send the events in several requests.`,
    { details: { limitBytes } },
  );
}
