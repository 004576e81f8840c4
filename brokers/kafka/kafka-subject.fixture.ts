import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { deleteGroupsV2, deleteTopicsV6 } from '@platformatic/kafka';

import type { LogSubject } from '../../conformance/log-laws/subject.ts';
import { createSystemClock } from '../../streams/clock.ts';
import type { Source } from '../../streams/source.ts';
import type { Log } from '../log.ts';
import type { KafkaClient, KafkaConnectionOptions } from './client.ts';
import { createKafkaLog } from './log.ts';
import { listGroups } from './platformatic/admin.ts';
import { Cluster } from './platformatic/cluster.ts';
import { parseAddress } from './platformatic/address.ts';
import { startFaultProxy, writeApiKeys } from './fault-proxy.fixture.ts';

type OpenClient = (
  options: KafkaConnectionOptions & { readonly clock: ReturnType<typeof createSystemClock> },
) => Promise<KafkaClient>;

const requestTimeoutMs = 2000;

/** A name that no other test uses. Topics and groups under it are removed by `removeAll`. */
export function uniquePrefix(): string {
  return `t${randomUUID().replaceAll('-', '').slice(0, 12)}_`;
}

export function kafkaOptions(
  brokers: string,
): KafkaConnectionOptions & { clock: ReturnType<typeof createSystemClock> } {
  return {
    brokers: brokers.split(','),
    clientId: 'openframe-test',
    requestTimeoutMs: 10_000,
    clock: createSystemClock(),
  };
}

/** A fresh storage: a prefix of its own on the brokers, behind a proxy that can stop writes. */
export async function createKafkaSubject(brokers: string, openClient: OpenClient): Promise<LogSubject> {
  const prefix = uniquePrefix();
  const broker = parseAddress(brokers.split(',')[0] ?? '');
  const stack = new AsyncDisposableStack();
  stack.defer(() => removeAll(brokers, prefix));
  const proxy = stack.use(await startFaultProxy(broker.host, broker.port));
  const reachedAt = () => ({ host: '127.0.0.1', port: proxy.port });
  const sources: Source[] = [];
  return {
    async open() {
      // Whoever opens the storage again stands for a restart: what was read with before has gone with its process.
      await Promise.all(sources.splice(0).map(async (source) => source[Symbol.asyncDispose]()));
      const options = { ...kafkaOptions(brokers), requestTimeoutMs, reachedAt };
      const client = await openClient(options);
      const log = await createKafkaLog({ client, clock: options.clock, instance: randomUUID(), prefix });
      return rememberingSources(stack.use(log), sources);
    },
    advance: (ms) => sleep(ms),
    failWrites: () => {
      proxy.cutRequests = writeApiKeys;
    },
    mendWrites: () => {
      proxy.cutRequests = [];
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function rememberingSources(log: Log, sources: Source[]): Log {
  const open = log.source.bind(log);
  log.source = async (options) => {
    const source = await open(options);
    sources.push(source);
    return source;
  };
  return log;
}

/** Deletes the topics and groups that begin with the prefix. */
export async function removeAll(brokers: string, prefix: string): Promise<void> {
  const cluster = new Cluster(kafkaOptions(brokers));
  try {
    await cluster.refresh();
    const topics = cluster.topics(prefix).map(({ name }) => ({ name }));
    if (topics.length > 0) await deleteTopicsV6.api.async(await cluster.any(), topics, 10_000);
    for (const group of await listGroups(cluster, prefix)) {
      const node = await cluster.coordinator('group', group);
      await deleteGroupsV2.api.async(await cluster.connect(node), [group]).catch(() => {});
    }
  } finally {
    await cluster.close();
  }
}
