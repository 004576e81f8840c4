import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What the proxy does with the batches that pass; all else it hands on. */
export type BatchFault = 'none' | 'overloaded' | 'applied-but-unanswered';

/** A node of Cassandra as clients see it: a TCP proxy that knows the frames of native protocol v4. */
export interface CqlProxy extends AsyncDisposable {
  readonly address: string;
  /** Batches that clients sent so far. */
  readonly batches: () => number;
  setBatchFault(fault: BatchFault): void;
  /** Cuts every connection and accepts no other. */
  leave(): Promise<void>;
  /** Accepts connections again, at the same address. */
  comeBack(): Promise<void>;
}

const headerBytes = 9;
const opcodeAt = 4;
const batchOpcode = 0x0d;
const overloadedCode = 0x1001;

/** Cuts a stream into frames. */
function createFrameReader(onFrame: (frame: Buffer) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= headerBytes) {
      const end = headerBytes + rest.readInt32BE(5);
      if (rest.length < end) return;
      onFrame(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
  };
}

function overloadedAnswer(streamId: number): Buffer {
  const message = Buffer.from('Request on table was overloaded');
  const body = Buffer.alloc(6 + message.length);
  body.writeInt32BE(overloadedCode);
  body.writeUInt16BE(message.length, 4);
  message.copy(body, 6);
  const header = Buffer.from([0x84, 0, 0, 0, 0, 0, 0, 0, 0]);
  header.writeInt16BE(streamId, 2);
  header.writeInt32BE(body.length, 5);
  return Buffer.concat([header, body]);
}

export async function startCqlProxy(target: string): Promise<CqlProxy> {
  const [host = '127.0.0.1', port = '9042'] = target.split(':');
  let fault: BatchFault = 'none';
  let batches = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const node = connect(Number(port), host);
    const unanswered = new Set<number>();
    const fromClient = createFrameReader((frame) => {
      const streamId = frame.readInt16BE(2);
      if (frame[opcodeAt] === batchOpcode) {
        batches++;
        if (fault === 'overloaded') return void client.write(overloadedAnswer(streamId));
        if (fault === 'applied-but-unanswered') unanswered.add(streamId);
      }
      node.write(frame);
    });
    const fromNode = createFrameReader((frame) => {
      if (!unanswered.delete(frame.readInt16BE(2))) client.write(frame);
    });
    client.on('data', fromClient);
    node.on('data', fromNode);
    for (const [socket, other] of [
      [client, node],
      [node, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  const listen = async (at: number): Promise<number> => {
    server.listen(at, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const leave = async (): Promise<void> => {
    const closed = server.listening ? once(server, 'close') : undefined;
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const ownPort = await listen(0);
  return {
    address: `127.0.0.1:${ownPort}`,
    batches: () => batches,
    setBatchFault: (next) => {
      fault = next;
    },
    leave,
    comeBack: async () => void (await listen(ownPort)),
    [Symbol.asyncDispose]: leave,
  };
}
