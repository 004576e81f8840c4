import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What becomes of bytes between a client and a server. */
export type Weather =
  | { readonly kind: 'fair' }
  /** Connections end at once, and new ones too. */
  | { readonly kind: 'away' }
  /** Answers come this much later. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** Requests arrive and are carried out; no answer comes, and nothing tells that the connection is dead. */
  | { readonly kind: 'half-open' };

/** Stands on loopback between the platform and one server. */
export interface FaultyNetwork extends AsyncDisposable {
  readonly address: string;
  weather: Weather;
  /** Resets every connection that there is, as a router does that was started anew. */
  reset(): void;
}

export async function startFaultyNetwork(host: string, port: number): Promise<FaultyNetwork> {
  const pairs = new Set<Socket>();
  const server = createServer((client) => {
    if (network.weather.kind === 'away') return void client.destroy();
    const upstream = connect(port, host);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      pairs.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        pairs.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => answer(client, bytes));
  });
  const answer = (client: Socket, bytes: Buffer): void => {
    const { weather } = network;
    if (weather.kind === 'half-open') return;
    if (weather.kind !== 'slow') return void client.write(bytes);
    // Timers of equal delay keep their order.
    setTimeout(() => client.writable && client.write(bytes), weather.delayMs);
  };
  const reset = (): void => {
    for (const socket of pairs) socket.resetAndDestroy();
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  let weather: Weather = { kind: 'fair' };
  const network: FaultyNetwork = {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get weather() {
      return weather;
    },
    set weather(next) {
      const wasHalfOpen = weather.kind === 'half-open';
      weather = next;
      // Bytes are missing on a connection that was half open: it cannot be used again.
      if (next.kind === 'away' || wasHalfOpen) reset();
    },
    reset,
    async [Symbol.asyncDispose]() {
      reset();
      server.close();
      await once(server, 'close');
    },
  };
  return network;
}
