import { createServer } from 'node:net';

import { loopback, type Ports } from './engine.ts';

/** Below the range from which the machine takes its own: a port stays ours while its server is down. */
const first = 20_000;
const count = 10_000;
/** Far apart for processes that look for ports at the same time. */
const stride = 61;

/** True where nothing listens on the port. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, loopback, () => server.close(() => resolve(true)));
  });
}

/** A free port for each use of `defaults`, none of them in `taken`; what it finds is added there. */
export async function findFreePorts(defaults: Ports, taken: Set<number>): Promise<Ports> {
  const ports: Record<string, number> = {};
  for (const use of Object.keys(defaults)) {
    const port = await findFreePort(taken);
    taken.add(port);
    ports[use] = port;
  }
  return ports;
}

async function findFreePort(taken: ReadonlySet<number>): Promise<number> {
  const offset = (process.pid * stride) % count;
  for (let i = 0; i < count; i++) {
    const port = first + ((offset + i) % count);
    if (!taken.has(port) && (await isFree(port))) return port;
  }
  throw new Error(`no port between ${first} and ${first + count} is free`);
}
