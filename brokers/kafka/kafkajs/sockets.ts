import net from 'node:net';
import tls from 'node:tls';

import type { ISocketFactory } from 'kafkajs';

import type { KafkaConnectionOptions } from '../client.ts';
import { AnswerStream, type GroupWire, upgradeRequest } from './newer-requests.ts';

const keepAliveMs = 60_000;

/** Sockets for kafkajs that put two of its requests into newer forms: see `newer-requests.ts`. */
export function upgradingSockets(wire: GroupWire, options: KafkaConnectionOptions): ISocketFactory {
  return ({ host, port, ssl, onConnect }) => {
    const address = options.reachedAt?.(host, port) ?? { host, port };
    // kafkajs passes no TLS options at all where there is to be none, whatever its type says.
    const secure = ssl as tls.ConnectionOptions | undefined;
    const servername = net.isIP(host) === 0 ? { servername: host } : {};
    const socket = secure
      ? tls.connect({ ...address, ...servername, ...secure }, onConnect)
      : net.connect(address, onConnect);
    socket.setKeepAlive(true, keepAliveMs);
    upgrade(socket, wire);
    return socket;
  };
}

function upgrade(socket: net.Socket, wire: GroupWire): void {
  const answers = new AnswerStream();
  const write = socket.write.bind(socket);
  // kafkajs writes one whole request a call, in this form alone.
  const writeRequest = (request: Buffer): boolean => {
    const { frame, correlationId, downgrade } = upgradeRequest(request, wire);
    if (correlationId !== undefined && downgrade !== undefined) answers.expect(correlationId, downgrade);
    return write(frame);
  };
  const emit = socket.emit.bind(socket);
  const emitAnswers = (event: string | symbol, ...args: unknown[]): boolean => {
    const [chunk] = args;
    if (event !== 'data' || !Buffer.isBuffer(chunk)) return emit(event, ...args);
    for (const answer of answers.read(chunk)) emit('data', answer);
    return true;
  };
  Object.assign(socket, { write: writeRequest, emit: emitAnswers });
}
