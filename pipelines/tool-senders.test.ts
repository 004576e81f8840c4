import { describe, expect, it } from 'vitest';

import { toolTopics } from '../contracts/topics.ts';
import { createTestDriver, type DrivenRecord, type PipedRecord } from '../streams/test-driver.ts';
import { place, tools } from './tools.ts';

const startMs = Date.parse('2026-11-22T12:00:00Z');
const options = { startMs, deadLetterLimit: { share: 0.5, minRecords: 20 } };
const joins = { latenessMs: 600_000, rememberMs: 86_400_000 };
const directory = {
  connection: async ({ server }: { readonly server: string }) =>
    server.startsWith('good') ? { tool: 'SYSLOG' as const, server, tenantId: 'acme', scopes: {} } : null,
  device: async () => null,
};

let lines = 0;

const line = (
  connection: string,
  value = `<13>1 2026-11-22T12:00:00Z host app - - - line ${lines++}`,
): PipedRecord => ({
  topic: toolTopics.other,
  key: '',
  eventTimeMs: startMs,
  headers: { 'message-type': 'SYSLOG', connection },
  value,
});

const times = (count: number, make: () => PipedRecord): PipedRecord[] => Array.from({ length: count }, make);
const again = ({ key, value, eventTimeMs, headers }: DrivenRecord): PipedRecord => ({
  key,
  value,
  eventTimeMs,
  headers,
});

describe('one sender of rubbish', () => {
  it("goes to the dead letters alone, and the others' events go on", async () => {
    await using driver = createTestDriver(tools, options);
    for (let i = 0; i < 20; i++) {
      await driver.pipe([...times(50, () => line('evil', 'rubbish')), line('good-1'), line('good-2')]);
    }
    expect(driver.outputs()).toHaveLength(40);
    expect(driver.deadLetters()).toHaveLength(1000);
    expect(new Set(driver.deadLetters().map(({ sender }) => sender))).toEqual(new Set(['evil']));
    const { state, reason } = driver.status();
    expect(state).toBe('running');
    expect(reason).toMatch(/^Most of what comes from 1 of 3 senders .* dead-letters list/);
  });

  it('does not stop the topology either where nobody else has sent yet', async () => {
    await using driver = createTestDriver(tools, options);
    await driver.pipe(times(500, () => line('evil', 'rubbish')));
    await driver.pipe([line('good-1')]);
    expect(driver.outputs()).toHaveLength(1);
  });

  it.each([
    ['in an envelope that holds no row', '{"op":"c","after":null,"source":{"name":"evil"}}', 'evil'],
    ['that is no JSON', 'rubbish', toolTopics.fleetActivities],
  ])('is named without a header: a change %s', async (_, value, sender) => {
    await using driver = createTestDriver(tools, options);
    await driver.pipe([{ topic: toolTopics.fleetActivities, key: '', eventTimeMs: startMs, value }]);
    expect(driver.deadLetters()).toMatchObject([{ sender }]);
  });

  it('cannot stop the place of events by servers that nobody has connected, however many', async () => {
    await using decoding = createTestDriver(tools, options);
    await decoding.pipe(Array.from({ length: 500 }, (_, i) => line(`unknown-${i}`)));
    await decoding.pipe([line('good-1'), line('good-2')]);
    await using placing = createTestDriver(place(joins, directory), options);
    await placing.pipe(decoding.outputs().map(again));
    expect(placing.outputs()).toHaveLength(2);
    const letters = placing.deadLetters();
    expect(letters).toHaveLength(500);
    expect(new Set(letters.map(({ sender }) => sender))).toEqual(new Set(['not connected']));
    expect(placing.status()).toMatchObject({ state: 'running' });
  });
});

describe('a fault that most senders have', () => {
  it('stops the topology with nothing of the batch committed', async () => {
    await using driver = createTestDriver(tools, options);
    await driver.pipe([line('good-1'), line('good-2'), line('good-3')]);
    const broken = [
      ...times(20, () => line('good-1', 'rubbish')),
      ...times(20, () => line('good-2', 'rubbish')),
    ];
    await expect(driver.pipe(broken)).rejects.toThrow('They come from 2 of 3 senders');
    expect(driver.deadLetters()).toEqual([]);
  });
});
