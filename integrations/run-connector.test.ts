import { describe, expect, it } from 'vitest';

import type { Log } from '../brokers/log.ts';
import { OpenFrameError } from '../contracts/errors.ts';
import type { DocumentStore } from '../stores/documents.ts';
import { createManualClock, type ManualClock } from '../streams/clock.ts';
import { startFleetServer } from './fleet/fleet-server.fixture.ts';
import { advanceUntil, createConnectorWorld } from './run-connector.fixture.ts';

const startMs = Date.parse('2026-11-22T12:00:00Z');

async function setUp() {
  const stack = new AsyncDisposableStack();
  const clock: ManualClock = createManualClock(startMs);
  const fleet = stack.use(await startFleetServer(startMs));
  const world = stack.use(await createConnectorWorld(clock));
  const connector = world.connectorOf('fleet', fleet.url, fleet.token);
  const ids = async (): Promise<readonly (number | undefined)[]> =>
    (await world.handedOn()).map(({ value }) => value.row.id);
  const until = (condition: () => Promise<boolean> | boolean) => advanceUntil(clock, condition);
  return { clock, fleet, ...world, connector, ids, until, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const numbers = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** The log, failing its first appends: before they are durable, or after. */
function faultyLog(log: Log, faults: ('before' | 'after')[]): Pick<Log, 'append' | 'partitionCount'> {
  return {
    partitionCount: (topic) => log.partitionCount(topic),
    async append(topic, partition, batch) {
      const fault = faults.shift();
      const offset = fault === 'before' ? 0 : await log.append(topic, partition, batch);
      if (fault === undefined) return offset;
      throw new OpenFrameError('NOT_DURABLE_NOW', 'the disk is full', { retryable: true });
    },
  };
}

describe('runConnector', () => {
  it('hands on what is there and what comes, once, with its format and its connection', async () => {
    await using test = await setUp();
    numbers(1, 450).forEach(() => test.fleet.add('user_logged_in'));
    const stop = test.run(test.connector);
    await test.until(async () => (await test.ids()).length >= 450);
    test.fleet.add('created_team', { team_id: 3 });
    await test.until(async () => (await test.ids()).length >= 451);
    await stop();
    expect(await test.ids()).toEqual(numbers(1, 451));
    const handedOn = await test.handedOn();
    expect(new Set(handedOn.map(({ messageType, connection }) => `${messageType} ${connection}`))).toEqual(
      new Set(['FLEET_MDM_REST fleet']),
    );
    expect(await test.registry.state(test.connector)).toMatchObject({
      state: 'reading',
      events: 451,
      fault: null,
    });
  });

  it('goes on behind the cursor after a new start, and reads from the beginning without one', async () => {
    await using test = await setUp();
    test.fleet.add('a');
    const stop = test.run(test.connector);
    await test.until(async () => (await test.registry.cursor(test.connector)) !== null);
    await stop();
    test.fleet.add('b');
    const again = test.run(test.connector);
    await test.until(async () => (await test.ids()).length === 2);
    await again();
    expect(await test.ids()).toEqual([1, 2]);
    await test.registry.remove(test.connector);
    const anew = test.run({ ...test.connector, sinceConnectedMs: 2 });
    await test.until(async () => (await test.ids()).length === 4);
    await anew();
    expect(await test.ids()).toEqual([1, 2, 1, 2]);
  });

  it('loses nothing where the log fails before or after it wrote, nor where the cursor cannot be kept', async () => {
    await using test = await setUp();
    numbers(1, 30).forEach(() => test.fleet.add('a'));
    let refusedCursors = 2;
    const documents: DocumentStore = {
      ...test.documents,
      put: async (scope, collection, id, document) => {
        if (collection === 'connector_cursors' && refusedCursors-- > 0) {
          throw new OpenFrameError('STORE_UNAVAILABLE', 'away', { retryable: true });
        }
        return test.documents.put(scope, collection, id, document);
      },
    };
    const log = faultyLog(test.log, ['before', 'after']);
    const stop = test.run(test.connector, { log, documents });
    await test.until(async () => (await test.registry.cursor(test.connector)) !== null);
    await stop();
    const given = await test.ids();
    expect([...new Set(given)]).toEqual(numbers(1, 30));
    expect(given.length).toBeGreaterThan(30);
  });

  it('waits as long as the tool asks, and backs off with what it does not say', async () => {
    await using test = await setUp();
    test.fleet.add('a');
    test.fleet.faults.push({ status: 429, headers: { 'retry-after': '600' } });
    const stop = test.run(test.connector);
    const faultOf = async () => (await test.registry.state(test.connector))?.fault?.code;
    await test.until(async () => (await faultOf()) === 'TOOL_UNAVAILABLE');
    const asked = test.fleet.requests.length;
    const saidMs = test.clock.nowMs();
    await test.until(() => test.fleet.requests.length > asked);
    expect(test.clock.nowMs() - saidMs).toBeGreaterThan(590_000);
    await test.until(async () => (await test.ids()).length === 1);
    await stop();
    expect(await test.registry.state(test.connector)).toMatchObject({ fault: null });
  });

  it('goes on after 5xx, half answers and what is no JSON', async () => {
    await using test = await setUp();
    numbers(1, 500).forEach(() => test.fleet.add('a'));
    test.fleet.faults.push({ status: 500 }, { cutAfterBytes: 1_000 }, null, { status: 502, body: '<html>' });
    test.fleet.faults.push({ status: 200, body: '{"activities":[{"id":"x"}]}' }, null, null, {
      cutAfterBytes: 7,
    });
    const stop = test.run(test.connector);
    await test.until(async () => (await test.registry.cursor(test.connector)) !== null);
    await stop();
    expect([...new Set(await test.ids())]).toEqual(numbers(1, 500));
  });

  it('tries a wrong secret seldom, and says what is wrong', async () => {
    await using test = await setUp();
    const stop = test.run(test.connectorOf('fleet', test.fleet.url, 'wrong'));
    const triesMs: number[] = [];
    for (let tries = 1; tries <= 4; tries++) {
      await test.until(() => test.fleet.requests.length >= tries);
      triesMs.push(test.clock.nowMs());
    }
    await test.until(async () => (await test.registry.state(test.connector))?.state === 'waiting');
    await stop();
    const pausesMs = triesMs.slice(1).map((ms, i) => ms - (triesMs[i] ?? 0));
    expect(Math.min(...pausesMs)).toBeGreaterThan(50_000);
    expect(await test.registry.state(test.connector)).toMatchObject({ fault: { code: 'TOOL_REFUSED' } });
  });

  it('hands on what is too large for a record without its row', async () => {
    await using test = await setUp();
    test.fleet.add('a', { blob: 'x'.repeat(950_000) });
    numbers(1, 3).forEach(() => test.fleet.add('b', { blob: 'x'.repeat(400_000) }));
    const stop = test.run(test.connector);
    await test.until(async () => (await test.registry.cursor(test.connector)) !== null);
    await stop();
    const [first, ...rest] = await test.handedOn();
    expect(first?.value).toMatchObject({ id: '1' });
    expect(first?.value['tooLargeBytes']).toBeGreaterThan(950_000);
    expect(first?.value.row).toBeUndefined();
    expect(rest.map(({ value }) => value.row.id)).toEqual([2, 3, 4]);
  });
});
