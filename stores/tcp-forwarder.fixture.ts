import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a server that a test can take away and give back. */
export interface TcpForwarder extends AsyncDisposable {
  /** host:port to connect to instead. */
  readonly address: string;
  /** Ends every connection and refuses new ones. */
  cut(): void;
  restore(): void;
  /** What is connected by now stays so, and hears nothing more. */
  hush(): void;
}

/** Forwards to the host and port of `url` from a free port of the loopback. */
export async function createTcpForwarder(url: string): Promise<TcpForwarder> {
  const { hostname, port } = new URL(url);
  const open = new Set<Socket>();
  let away = false;
  const server = createServer((near) => {
    if (away) return near.destroy();
    const far = connect(Number(port), hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
    return undefined;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    away = true;
    for (const socket of open) socket.destroy();
  };
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    restore() {
      away = false;
    },
    hush() {
      for (const socket of open) socket.unpipe().pause();
    },
    async [Symbol.asyncDispose]() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
