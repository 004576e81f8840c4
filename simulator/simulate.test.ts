import { createServer } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';

import { createSystemClock } from '../streams/clock.ts';
import { simulate, type SimulateOptions } from './simulate.ts';

describe('simulate', () => {
  const bodies: string[][] = [];
  let answersUntilRefusal = Number.POSITIVE_INFINITY;
  const server = createServer((request, response) => {
    const answer = (body: string): void => {
      const lines = body.trimEnd().split('\n');
      if (answersUntilRefusal-- <= 0) {
        response.writeHead(429, { 'retry-after': '1' }).end();
        return;
      }
      bodies.push(lines);
      response.writeHead(202, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ accepted: lines.length, rejected: [] }));
    };
    text(request).then(answer, () => response.destroy());
  });
  afterEach(async () => {
    bodies.length = 0;
    answersUntilRefusal = Number.POSITIVE_INFINITY;
    server.close();
    await once(server, 'close');
  });

  async function listening(): Promise<void> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }

  async function sent(options: Partial<SimulateOptions>) {
    await listening();
    return simulated(options);
  }

  function simulated(options: Partial<SimulateOptions>) {
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return simulate({
      serverUrl: `http://127.0.0.1:${port}`,
      tokens: new Map([['default', 'token']]),
      agents: 10,
      ratePerSecond: 100_000,
      durationMs: 200,
      seed: 1,
      duplicates: 0,
      clock: createSystemClock(),
      signal: new AbortController().signal,
      ...options,
    });
  }

  it('sends nothing of a site while it is cut, and says how much that was', async () => {
    const cut = { organizationId: 'org-1', afterMs: 0, forMs: 3_600_000 } as const;
    const report = await sent({ cut });
    expect(report.cut).toBeGreaterThan(0);
    expect(report.sent + report.cut).toBe(20_010);
    const bySite = bodies.flat().filter((line) => /sim-1-0000[05]"/.test(line));
    expect(bySite, 'their inventories alone').toHaveLength(2);
  });

  it('sends equal events for an equal seed and start, and other events without a start', async () => {
    const options = { ratePerSecond: 2000, duplicates: 0.1, late: 0.1 };
    const eventsOf = async (startMs?: number): Promise<string[]> => {
      bodies.length = 0;
      await simulated({ ...options, ...(startMs === undefined ? {} : { startMs }) });
      return bodies.flat().toSorted();
    };
    await listening();
    const startMs = Date.UTC(2026, 0, 31, 8);
    const first = await eventsOf(startMs);
    expect(first.length, 'inventories, events and their repetitions').toBeGreaterThan(410);
    expect(await eventsOf(startMs)).toEqual(first);
    const idsOf = (lines: readonly string[]): Set<string> =>
      new Set(lines.map((line) => (JSON.parse(line) as { id: string }).id));
    expect(idsOf(await eventsOf()).isDisjointFrom(idsOf(first))).toBe(true);
  });

  it('gives up what is over the quota where asked to, and counts it apart from what was taken', async () => {
    answersUntilRefusal = 2;
    const report = await sent({ ratePerSecond: 10_000, durationMs: 100, dropRefused: true });
    expect(report.accepted).toBe(bodies.flat().length);
    expect(report.refused).toBeGreaterThan(0);
    expect(report.accepted + report.refused).toBe(report.unique);
    expect(report.resent).toBe(0);
  });

  it('sends many small bodies for one tenant whose events come faster than bodies leave', async () => {
    const report = await sent({ duplicates: 0.1 });
    expect(report.accepted).toBe(report.sent);
    expect(report.unique).toBe(20_010);
    expect(bodies.flat()).toHaveLength(report.sent);
    expect(Math.max(...bodies.map((lines) => lines.length))).toBeLessThanOrEqual(500);
  });
});
