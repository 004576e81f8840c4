import { describe, expect, it } from 'vitest';

import { runCli } from '../support/platform-process.ts';
import { createTempFolder } from '../support/temp-folder.ts';

/** A port on which nothing answers (RFC 863's, which no engine uses). */
const nowhere = '127.0.0.1:9';
const away = {
  OPENFRAME_NATS_URL: `nats://${nowhere}`,
  OPENFRAME_KAFKA_BROKERS: nowhere,
  OPENFRAME_CASSANDRA_CONTACT_POINTS: nowhere,
  OPENFRAME_PINOT_BROKER_URL: `http://${nowhere}`,
  OPENFRAME_PINOT_CONTROLLER_URL: `http://${nowhere}`,
  OPENFRAME_MONGODB_URL: `mongodb://user:secret@${nowhere}`,
  OPENFRAME_REDIS_URL: `redis://:secret@${nowhere}`,
};

describe('the distributed profile, where it cannot start,', () => {
  it('says of each engine that it does not answer and what to do, and no password', async () => {
    await using folder = await createTempFolder();
    const place = ['--profile', 'distributed', '--data-dir', folder.path];
    const ended = await runCli(['up', ...place, '--port', '0', '--no-wait'], away);
    expect(ended.code).toBe(1);
    const engines = [
      'NATS',
      'Kafka',
      'Cassandra',
      "Pinot's broker",
      "Pinot's controller",
      'MongoDB',
      'Redis',
    ];
    for (const engine of engines) expect(ended.stderr).toContain(`${engine} at ${nowhere} does not answer`);
    expect(ended.stderr).toContain('openframe engines up kafka');
    expect(ended.stderr).toContain('OPENFRAME_KAFKA_BROKERS');
    expect(ended.stderr).not.toContain('secret');
    const doctor = await runCli(['doctor', '--json', ...place], away);
    expect(doctor.code).toBe(1);
    const checks = JSON.parse(doctor.stdout) as { name: string; ok: boolean }[];
    expect(checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(expect.arrayContaining(engines));
  });

  it('names every wrong setting at once', async () => {
    const wrong = { OPENFRAME_NAME_PREFIX: 'Not One', OPENFRAME_MONGODB_URL: 'http://somewhere' };
    const ended = await runCli(['service', 'gateway', '--port', '0'], wrong);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/CONFIGURATION_INVALID.*OPENFRAME_NAME_PREFIX.*OPENFRAME_MONGODB_URL/s);
  });

  it('knows its roles and sinks', async () => {
    expect((await runCli(['service', 'king'])).code).toBe(2);
    const ended = await runCli(['service', 'sink', '--only', 'king']);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('There are: event-log, analytics, devices, alert-store.');
  });
});
