import type { IncomingHttpHeaders } from 'node:http';
import { type RawData, WebSocket } from 'ws';

/** The headers of a handshake that say who opens, and from which page. */
const passedHeaders = [
  'authorization',
  'cookie',
  'host',
  'origin',
  'user-agent',
  'x-openframe-csrf',
] as const;
const handshakeMs = 10_000;
/** So much waits for the slower side before the faster one is read no further. */
const waitingBytes = 1024 * 1024;
const goingAway = 1001;
const tryAgainLater = 1013;

export interface SocketRequest {
  /** Path and query string. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Passes a WebSocket on to the role query: messages, pings and closing both ways, each at the pace of the slower side.
 * Where that role is away the connection is closed with 1013, which clients take for "try again".
 */
export function passSocketOn(
  queryUrl: string,
  socket: WebSocket,
  { url, headers }: SocketRequest,
  closing: AbortSignal,
): void {
  const target = new WebSocket(
    new URL(url, queryUrl.replace(/^http/, 'ws')),
    socket.protocol === '' ? [] : [socket.protocol],
    {
      headers: Object.fromEntries(
        passedHeaders.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])),
      ),
      handshakeTimeout: handshakeMs,
      perMessageDeflate: false,
      // Whether the far end lives is its own to say.
      autoPong: false,
    },
  );
  const leave = (): void => {
    socket.close(goingAway, 'The gateway stops');
    target.terminate();
  };
  closing.addEventListener('abort', leave, { once: true });
  socket.pause();
  target.once('open', () => {
    relay(socket, target);
    relay(target, socket);
    target.on('ping', () => socket.ping());
    socket.on('pong', () => target.pong());
    socket.resume();
  });
  target.on('error', () => socket.close(tryAgainLater, 'The queries do not answer now'));
  socket.on('error', () => target.terminate());
  target.on('close', (code, reason) => close(socket, code, reason));
  socket.on('close', (code, reason) => {
    closing.removeEventListener('abort', leave);
    if (target.readyState === WebSocket.CONNECTING) target.terminate();
    else close(target, code, reason);
  });
}

function relay(from: WebSocket, to: WebSocket): void {
  from.on('message', (data: RawData, isBinary: boolean) => {
    if (to.readyState !== WebSocket.OPEN) return;
    to.send(data, { binary: isBinary }, () => {
      if (from.isPaused && to.bufferedAmount < waitingBytes) from.resume();
    });
    if (to.bufferedAmount >= waitingBytes) from.pause();
  });
}

/** Codes that stand for no frame cannot be sent (RFC 6455 section 7.4.1). */
function close(socket: WebSocket, code: number, reason: Buffer): void {
  if (code === 1005) socket.close();
  else if (code === 1004 || code === 1006 || code === 1015) socket.terminate();
  else socket.close(code, reason);
}
