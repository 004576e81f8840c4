import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { provideProgram } from '../../engines/fetch/fetch.ts';
import { log4jFile } from '../../engines/log4j.ts';
import { type EngineOptions, jdkTool } from '../../engines/options.ts';
import { readPins } from '../../engines/pins.ts';
import { launch, untilAnswers } from '../../engines/processes/launch.ts';
import { killProcess } from '../../engines/processes/stop-process.ts';
import type { Clock } from '../../streams/clock.ts';

export interface ConnectOptions extends Pick<EngineOptions, 'cacheDir' | 'javaHome'> {
  readonly folder: string;
  readonly port: number;
  readonly brokers: string;
  /** Before the names of its group and its topics. */
  readonly prefix: string;
  readonly clock: Clock;
}

/** A worker of Kafka Connect, in distributed mode as people run it: its offsets are on Kafka. */
export interface Connect extends AsyncDisposable {
  /** Asks Connect's REST API; rejects where the answer is not 2xx. */
  ask(method: 'GET' | 'PUT', path: string, body?: unknown): Promise<unknown>;
  /** `kill -9`; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Starts it again; resolves when it answers. */
  start(): Promise<void>;
}

/** Fetches Connect and Debezium's connector where they are not cached, starts a worker and waits until it answers. */
export async function startConnect(options: ConnectOptions): Promise<Connect> {
  const { folder, port, clock } = options;
  const programs = await provideProgram(options.cacheDir, 'connect', (await readPins()).connect, {
    javac: jdkTool(options, 'javac'),
    onFetched: () => undefined,
  });
  await mkdir(folder, { recursive: true });
  const [settings, logging] = [join(folder, 'worker.properties'), join(folder, 'log4j2.xml')];
  await writeFile(settings, properties(options));
  await writeFile(logging, log4jFile());
  const args = [
    ...['-Xms64m', '-Xmx320m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
    `-Dlog4j2.configurationFile=${logging}`,
    ...['-cp', join(programs, 'libs', '*'), 'org.apache.kafka.connect.cli.ConnectDistributed', settings],
  ];
  const ask: Connect['ask'] = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      signal: AbortSignal.timeout(20_000),
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? null : (JSON.parse(text) as unknown);
  };
  const begin = async () => {
    const worker = await launch({ name: 'connect', command: jdkTool(options, 'java'), args }, folder);
    // It answers the list of connectors once it has read its configuration from Kafka.
    await untilAnswers(worker, async () => void (await ask('GET', '/connectors')), folder, clock);
    return worker;
  };
  let worker = await begin();
  return {
    ask,
    kill: () => killProcess(worker, clock),
    async start() {
      worker = await begin();
    },
    [Symbol.asyncDispose]: () => killProcess(worker, clock),
  };
}

function properties({ brokers, port, prefix }: ConnectOptions): string {
  const storage = ['offset', 'config', 'status'].flatMap((what) => [
    `${what}.storage.topic=${prefix}connect-${what}`,
    `${what}.storage.replication.factor=1`,
    ...(what === 'config' ? [] : [`${what}.storage.partitions=1`]),
  ]);
  return [
    `bootstrap.servers=${brokers}`,
    `group.id=${prefix}connect`,
    `listeners=http://127.0.0.1:${port}`,
    ...['key', 'value'].flatMap((part) => [
      `${part}.converter=org.apache.kafka.connect.json.JsonConverter`,
      `${part}.converter.schemas.enable=false`,
    ]),
    ...storage,
    'plugin.discovery=service_load',
    // A killed worker's connector is taken over at once, by the one that comes in its place.
    'session.timeout.ms=3000',
    'heartbeat.interval.ms=1000',
    'scheduled.rebalance.max.delay.ms=0',
    // What was sent since the last time is sent again after a kill.
    'offset.flush.interval.ms=2000',
    '',
  ].join('\n');
}
