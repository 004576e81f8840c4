import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Produce, OffsetCommit, InitProducerId, the transaction's requests. */
const writeApiKeys = new Set([0, 8, 22, 24, 25, 26, 28]);

export interface WriteFaultProxy extends AsyncDisposable {
  readonly port: number;
  /** From now on a request that writes loses its connection instead of reaching the broker. */
  failing: boolean;
}

/** Stands between a client and one broker, and lets no write through where that is asked. */
export async function startWriteFaultProxy(host: string, port: number): Promise<WriteFaultProxy> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const broker = connect(port, host);
    for (const socket of [client, broker]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        broker.destroy();
      });
    }
    broker.pipe(client);
    let pending = Buffer.alloc(0);
    client.on('data', (bytes) => {
      pending = Buffer.concat([pending, bytes]);
      for (;;) {
        const end = pending.length < 6 ? Infinity : 4 + pending.readInt32BE(0);
        if (end > pending.length) return;
        if (proxy.failing && writeApiKeys.has(pending.readInt16BE(4))) return void client.destroy();
        broker.write(pending.subarray(0, end));
        pending = pending.subarray(end);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const proxy: WriteFaultProxy = {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    failing: false,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}
