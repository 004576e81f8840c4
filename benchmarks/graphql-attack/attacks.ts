import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'undici';

/** Whom an attack is aimed at, with a token of a tenant of its own. */
export interface Target {
  readonly url: string;
  readonly token: string;
}

/** What became of an attack. */
export interface AttackResult {
  readonly requests: number;
  /** By status and code, such as `400 QUERY_TOO_COMPLEX`. */
  readonly answers: Readonly<Record<string, number>>;
  readonly milliseconds: readonly number[];
}

export interface Attack {
  readonly name: string;
  /** It goes on for so long at least: what becomes of it shows later than of others. */
  readonly leastSeconds?: number;
  /** Goes on until the signal aborts. */
  run(target: Target, signal: AbortSignal): Promise<AttackResult>;
}

/** Requests that one attack has under way at the same time, each on a connection of its own. */
const attackers = 8;

const repeat = (count: number, text: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ');

const asking = (query: string): string => JSON.stringify({ query });

/** Ten fragments, each of which spreads the next one ten times: 10^10 fields. */
const bomb = `{ events { nodes { ...f0 } } } ${repeat(10, (i) => `fragment f${i} on Event { ${repeat(10, () => (i === 9 ? 'summary' : `...f${i + 1}`))} }`)}`;
const circle =
  '{ events { nodes { ...a } } } fragment a on Event { ...b } fragment b on Event { device { hostname } ...a }';

export const attacks: readonly Attack[] = [
  asked(
    'deep',
    asking(`{ __schema { types { ${repeat(400, () => 'ofType {')} name ${'}'.repeat(400)} } } }`),
  ),
  asked('wide', asking(`{ events { nodes { ${repeat(1_900, () => 'summary')} } } }`)),
  asked('wide, without end', asking(`{ events { nodes { ${repeat(7_000, () => 'summary')} } } }`)),
  asked('aliased a thousand times', asking(`{ ${repeat(1_000, (i) => `a${i}: pipelines { name }`)} }`)),
  asked('circular fragments', asking(circle)),
  asked('a bomb of fragments', asking(bomb)),
  asked(
    'batched',
    `[${Array.from({ length: 500 }, () => asking('{ eventFacets { severity { count } } }')).join(',')}]`,
  ),
  asked('a body over the limit', asking(`{ session { role } } # ${'x'.repeat(1_000_000)}`)),
  asked(
    'many fields that are none',
    asking(`{ events { nodes { ${repeat(1_900, (i) => `summry${i}`)} } } }`),
  ),
  asked(
    'as much as is allowed',
    asking(`{ ${repeat(18, (i) => `a${i}: eventStats(filter: { search: "word${i}" }) { total }`)} }`),
  ),
  { name: 'slow senders', run: sendSlowly },
  { name: 'slow readers', leastSeconds: 60, run: readSlowly },
];

/** The same request again and again. */
function asked(name: string, body: string): Attack {
  return {
    name,
    async run({ url, token }, signal) {
      const answers: Record<string, number> = {};
      const milliseconds: number[] = [];
      const ask = async (): Promise<void> => {
        const client = new Client(url);
        while (!signal.aborted) {
          const startedMs = performance.now();
          const answer = await post(client, token, body);
          milliseconds.push(performance.now() - startedMs);
          answers[answer] = (answers[answer] ?? 0) + 1;
        }
        await client.close();
      };
      await Promise.all(Array.from({ length: attackers }, ask));
      return { requests: milliseconds.length, answers, milliseconds };
    },
  };
}

async function post(client: Client, token: string, body: string): Promise<string> {
  try {
    const response = await client.request({
      method: 'POST',
      path: '/graphql',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body,
    });
    const text = await response.body.text();
    return `${response.statusCode} ${/"code":"(\w+)"/.exec(text)?.[1] ?? 'answered'}`;
  } catch (error) {
    return `cut: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const slowOnes = 200;

/** Connections that send their header a line a second and never end it. */
async function sendSlowly(target: Target, signal: AbortSignal): Promise<AttackResult> {
  const sockets = await openSockets(target);
  for (const socket of sockets) socket.write('POST /graphql HTTP/1.1\r\nHost: localhost\r\n');
  while (!signal.aborted) {
    for (const socket of sockets) if (socket.writable) socket.write('X-More: 1\r\n');
    await pause(1_000, undefined, { signal }).catch(() => undefined);
  }
  return closeSockets(sockets);
}

/** Connections that ask for large answers and for streams, and read nothing of them. */
async function readSlowly(target: Target, signal: AbortSignal): Promise<AttackResult> {
  const sockets = await openSockets(target);
  const asked = [
    posted(
      asking('{ events(first: 1000) { nodes { eventId summary hostname eventTime source sourceId } } }'),
    ),
    posted(asking('subscription { eventAdded { eventId summary data } }')),
    { line: 'GET /api/v1/events/export', body: '' },
    { line: 'GET /api/v1/events/tail', body: '' },
  ];
  for (const [i, socket] of sockets.entries()) {
    socket.pause();
    const { line, body } = asked[i % asked.length] ?? posted('');
    socket.write(
      `${line} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${target.token}\r\nAccept: */*\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
  }
  if (!signal.aborted) await once(signal, 'abort');
  // A connection that is not read does not learn that it was closed.
  for (const socket of sockets) socket.resume();
  await pause(5_000);
  return closeSockets(sockets);
}

const posted = (body: string) => ({ line: 'POST /graphql', body });

async function openSockets({ url }: Target): Promise<Socket[]> {
  const { hostname, port } = new URL(url);
  const sockets = Array.from({ length: slowOnes }, () => connect({ host: hostname, port: Number(port) }));
  for (const socket of sockets) socket.on('error', () => socket.destroy());
  await Promise.all(sockets.map((socket) => once(socket, 'connect').catch(() => undefined)));
  return sockets;
}

function closeSockets(sockets: readonly Socket[]): AttackResult {
  const open = sockets.filter((socket) => !socket.destroyed && socket.writable).length;
  for (const socket of sockets) socket.destroy();
  return {
    requests: sockets.length,
    answers: { 'still open': open, 'closed by the server': sockets.length - open },
    milliseconds: [],
  };
}
