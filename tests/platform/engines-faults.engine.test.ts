import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { describe, expect, it } from 'vitest';

import type { EngineOptions } from '../../engines/options.ts';
import { type RunningEngines, startEngines } from '../../engines/start-engines.ts';
import { createSystemClock } from '../../streams/clock.ts';
import { engineTools } from '../engines/engine-addresses.ts';
import { createTempFolder } from '../support/temp-folder.ts';

async function start(
  dataDir: string,
  only: EngineOptions['only'],
  more: Partial<EngineOptions> = {},
): Promise<RunningEngines> {
  const clock = createSystemClock();
  return startEngines({ dataDir, ...engineTools(), clock, only, ports: 'free', ...more });
}

async function connect(engines: RunningEngines): Promise<{ readonly client: MongoClient } & AsyncDisposable> {
  const client = await new MongoClient(engines.addresses.OPENFRAME_MONGODB_URL ?? '').connect();
  return { client, [Symbol.asyncDispose]: () => client.close() };
}

/** The names of the processes that answer. */
async function answering(engines: RunningEngines): Promise<string[]> {
  const processes = (await engines.statuses()).flatMap((engine) => engine.processes);
  return processes.filter((process) => process.answering).map((process) => process.name);
}

/** JVM servers start in seconds, and in more of them on a machine that is busy. */
const patience = { timeout: 240_000 };

describe('startEngines', patience, () => {
  it('has its port and its data again at once after kill -9', async () => {
    await using folder = await createTempFolder();
    await using engines = await start(folder.path, ['cassandra', 'mongodb']);
    await using before = await connect(engines);
    await before.client.db('kept').collection('facts').insertOne({ fact: 1 });
    await Promise.all([engines.kill('cassandra'), engines.kill('mongodb')]);
    expect(await answering(engines)).toEqual([]);

    await engines.start('cassandra');
    await engines.start('mongodb');
    expect(await answering(engines)).toEqual(['cassandra', 'mongodb']);
    await using after = await connect(engines);
    expect(await after.client.db('kept').collection('facts').countDocuments({ fact: 1 })).toBe(1);
  });

  it('keeps each answer of concurrent changes to one document apart', async () => {
    await using folder = await createTempFolder();
    await using engines = await start(folder.path, ['mongodb']);
    await using connection = await connect(engines);
    const counters = connection.client.db('counted').collection<{ _id: string; n: number }>('counters');
    await counters.insertOne({ _id: 'one', n: 0 });
    const raise = () =>
      counters.findOneAndUpdate({ _id: 'one' }, { $inc: { n: 1 } }, { returnDocument: 'after' });
    const seen = await Promise.all(Array.from({ length: 200 }, raise));
    expect(new Set(seen.map((document) => document?.n)).size).toBe(200);
  });

  it('pauses and resumes an engine, and ends one that is paused', async () => {
    await using folder = await createTempFolder();
    await using engines = await start(folder.path, ['nats', 'redis']);
    engines.pause('nats');
    expect(await answering(engines)).toEqual(['redis']);
    engines.resume('nats');
    expect(await answering(engines)).toEqual(['nats', 'redis']);
    engines.pause('nats');
    await engines.stop('nats');
    expect(await answering(engines)).toEqual(['redis']);
    await expect(engines.kill('kafka')).rejects.toThrow('No process of kafka');
  });

  it('runs NATS with settings that only a test wants', async () => {
    await using folder = await createTempFolder();
    const users = 'authorization { users: [{ user: all, password: all }, { user: one, password: one }] }';
    const natsSettings = { syncInterval: '2m', more: `${users}\nno_auth_user: all` };
    await using engines = await start(folder.path, ['nats'], { natsSettings });
    expect(await answering(engines)).toEqual(['nats']);
    expect(await readFile(join(folder.path, 'nats', 'nats.conf'), 'utf8')).toContain('sync_interval: 2m');
  });

  it('stops one role of Pinot while the others answer', async () => {
    await using folder = await createTempFolder();
    await using engines = await start(folder.path, ['pinot'], { pinotApart: true });
    const roles = ['pinot-zookeeper', 'pinot-controller', 'pinot-broker', 'pinot-server'];
    expect(await answering(engines)).toEqual(roles);
    await engines.kill('pinot-server');
    expect(await answering(engines)).toEqual(roles.slice(0, 3));
    await engines.start('pinot');
    expect((await answering(engines)).toSorted()).toEqual(roles.toSorted());
  });
});
