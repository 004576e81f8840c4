import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect as connectSocket, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

import {
  duplicateWindowMs,
  type MessagingSubject,
  retentionBytes,
  retentionMs,
} from '../../conformance/messaging-laws/subject.ts';
import { telemetryStream } from '../../contracts/topics.ts';
import { createSystemClock } from '../../streams/clock.ts';
import { createNatsMessaging, type NatsMessagingOptions } from './messaging.ts';

export const clock = createSystemClock();

/** Roomy limits, for tests of other things. */
export const roomyLimits = { duplicateWindowMs: 120_000, retentionBytes: 2 ** 30, retentionMs: 3_600_000 };

/** The server's clock is the machine's: what the laws say in minutes and hours passes this many times as fast. */
const speed = { window: 60, retention: 1200 };
/** The laws allow an id to be remembered longer than the window, which leaves time for the requests themselves. */
const windowSlack = 1.5;
/** A reader that waits is given the time it takes, in steps. */
const stepMs = 20;
const readerStepMs = 1000;

/** A name that no other test uses: before the stream and its subjects. */
export function uniquePrefix(): string {
  return `t${randomUUID().replaceAll('-', '').slice(0, 12)}_`;
}

/** `host:port` of the first server of an address. */
export function hostPort(address: string): { readonly host: string; readonly port: number } {
  const [host = '', port = ''] = address.replace(/^[a-z]+:\/\//, '').split(':');
  return { host, port: Number(port) };
}

/** A fresh stream behind a proxy that can cut all connections. */
export async function createNatsSubject(
  address: string,
  more: Partial<NatsMessagingOptions> = {},
): Promise<MessagingSubject> {
  const prefix = uniquePrefix();
  const stack = new AsyncDisposableStack();
  stack.defer(() => removeStream(address, prefix));
  const proxy = stack.use(await startProxy(address));
  const options = {
    duplicateWindowMs: (duplicateWindowMs / speed.window) * windowSlack,
    retentionMs: retentionMs / speed.retention,
    retentionBytes,
  };
  return {
    open: async () =>
      stack.use(
        await createNatsMessaging({
          servers: [proxy.address],
          clock,
          options,
          prefix,
          requestTimeoutMs: 1500,
          maxInFlightRecords: 3,
          ...more,
        }),
      ),
    advance: async (ms) => {
      if (ms <= readerStepMs) await sleep(Math.min(ms, stepMs));
      else if (ms > retentionMs) await sleep(ms / speed.retention);
      else if (ms >= duplicateWindowMs / 2) await sleep(ms / speed.window);
      else await sleep(ms);
    },
    failWrites: proxy.cut,
    mendWrites: proxy.mend,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

export async function removeStream(address: string, prefix: string): Promise<void> {
  const nc = await connect({ servers: [address.replace(/^[a-z]+:\/\//, '')] });
  try {
    await (await jetstreamManager(nc)).streams.delete(prefix + telemetryStream).catch(() => {});
  } finally {
    await nc.close();
  }
}

export interface Proxy extends AsyncDisposable {
  readonly address: string;
  /** Ends all connections, and every new one at once. */
  readonly cut: () => void;
  readonly mend: () => void;
}

export async function startProxy(address: string): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((client) => {
    if (isCut) return client.destroy();
    const upstream = connectSocket(hostPort(address));
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.pipe(other);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    mend: () => {
      isCut = false;
    },
    async [Symbol.asyncDispose]() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
