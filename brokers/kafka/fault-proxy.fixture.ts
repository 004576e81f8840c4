import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Requests by their number in the protocol. */
export const apiKey = { initProducerId: 22, endTxn: 26, consumerGroupHeartbeat: 68 } as const;
/** Produce, OffsetCommit, InitProducerId and the transaction's requests. */
export const writeApiKeys: readonly number[] = [0, 8, apiKey.initProducerId, 24, 25, apiKey.endTxn, 28];

export interface FaultProxy extends AsyncDisposable {
  readonly port: number;
  /** Requests that lose their connection instead of reaching the broker. */
  cutRequests: readonly number[];
  /** Requests that the broker gets, and whose answer is lost with the connection. */
  cutAnswers: readonly number[];
}

/** Stands between a client and one broker, and lets no request through, or no answer, where that is asked. */
export async function startFaultProxy(host: string, port: number): Promise<FaultProxy> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const broker = connect(port, host);
    let answerIsLost = false;
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
    broker.on('data', (bytes) => {
      if (answerIsLost) client.destroy();
      else client.write(bytes);
    });
    eachRequest(client, (request) => {
      const key = request.readInt16BE(4);
      if (proxy.cutRequests.includes(key)) return void client.destroy();
      answerIsLost ||= proxy.cutAnswers.includes(key);
      broker.write(request);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const proxy: FaultProxy = {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cutRequests: [],
    cutAnswers: [],
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}

/** Requests are framed by their length, four bytes. */
function eachRequest(client: Socket, take: (request: Buffer) => void): void {
  let pending = Buffer.alloc(0);
  client.on('data', (bytes) => {
    pending = Buffer.concat([pending, bytes]);
    while (pending.length >= 6 && pending.length >= 4 + pending.readInt32BE(0) && !client.destroyed) {
      const end = 4 + pending.readInt32BE(0);
      take(pending.subarray(0, end));
      pending = pending.subarray(end);
    }
  });
}
