import { createServer } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';

import { createSystemClock } from '../streams/clock.ts';
import { simulate } from './simulate.ts';

describe('simulate', () => {
  const bodies: string[][] = [];
  const server = createServer((request, response) => {
    const answer = (body: string): void => {
      const lines = body.trimEnd().split('\n');
      bodies.push(lines);
      response.writeHead(202, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ accepted: lines.length, rejected: [] }));
    };
    text(request).then(answer, () => response.destroy());
  });
  afterEach(async () => {
    server.close();
    await once(server, 'close');
  });

  it('sends many small bodies for one tenant whose events come faster than bodies leave', async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const report = await simulate({
      serverUrl: `http://127.0.0.1:${port}`,
      tokens: new Map([['default', 'token']]),
      agents: 10,
      ratePerSecond: 100_000,
      durationMs: 200,
      seed: 1,
      duplicates: 0.1,
      clock: createSystemClock(),
      signal: new AbortController().signal,
    });
    expect(report.accepted).toBe(report.sent);
    expect(report.unique).toBe(20_010);
    expect(bodies.flat()).toHaveLength(report.sent);
    expect(Math.max(...bodies.map((lines) => lines.length))).toBeLessThanOrEqual(500);
  });
});
