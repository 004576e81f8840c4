import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';

/** What a request gets instead of its answer. */
export type Fault =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** So many bytes of the answer, then the connection ends. */
  | { readonly cutAfterBytes: number };

/** A tool's server on loopback. */
export interface ToolServer extends AsyncDisposable {
  readonly url: string;
  /** Faults of the next requests, in turn; `null` answers well. */
  readonly faults: (Fault | null)[];
  /** Method and path of every request so far. */
  readonly requests: string[];
}

export interface ToolRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

/** `answer` gives what becomes JSON, or the status of a refusal. */
export async function startToolServer(answer: (request: ToolRequest) => unknown): Promise<ToolServer> {
  const faults: (Fault | null)[] = [];
  const requests: string[] = [];
  const server = createServer((request, response) => {
    void reply(request, response).catch(() => response.destroy());
  });
  const reply = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://tool');
    const method = request.method ?? '';
    const body = method === 'GET' ? undefined : await json(request);
    requests.push(`${method} ${url.pathname}${url.search}`);
    const fault = faults.shift() ?? null;
    if (fault !== null && 'status' in fault) {
      response.writeHead(fault.status, fault.headers).end(fault.body ?? '');
      return;
    }
    const given = answer({ method, url, headers: request.headers, body });
    if (typeof given === 'number') {
      response.writeHead(given).end('{}');
      return;
    }
    const text = Buffer.from(JSON.stringify(given));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length });
    if (fault === null) response.end(text);
    else response.write(text.subarray(0, fault.cutAfterBytes), () => response.destroy());
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    faults,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
