import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type Engine, type EnginePlace, loopback, type Ports } from '../engine.ts';
import { log4jFile } from '../log4j.ts';
import { runTool } from '../run-tool.ts';
import { kafkaAnswers } from './kafka-answers.ts';
import { javaHeap } from '../java-heap.ts';

type Use = 'client' | 'controller';

/** One node in KRaft mode: broker and controller in one process. */
export const kafka: Engine<Use> = {
  name: 'kafka',
  defaultPorts: { client: 9092, controller: 9093 },
  needsJava: true,
  answers: { kafka: (ports, signal) => kafkaAnswers(ports.client, signal) },
  async prepare(place) {
    const { folder, ports, programs, java, more } = place;
    await mkdir(folder, { recursive: true });
    const file = join(folder, 'kafka.properties');
    const logging = join(folder, 'log4j2.xml');
    await writeFile(file, properties(join(folder, 'data'), ports) + more);
    await writeFile(logging, log4jFile());
    await format(place, file, logging);
    const args = [
      ...[...javaHeap(512, 512), '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20', '-Djava.awt.headless=true'],
      `-Dlog4j2.configurationFile=${logging}`,
      ...['-cp', join(programs, 'libs', '*'), 'kafka.Kafka', file],
    ];
    return [{ name: 'kafka', command: java, args }];
  },
  addresses: (ports) => ({ OPENFRAME_KAFKA_BROKERS: `${loopback}:${ports.client}` }),
};

/** Kafka starts on formatted storage only, and its own tool formats it. */
async function format({ folder, programs, java }: EnginePlace, file: string, logging: string): Promise<void> {
  if (existsSync(join(folder, 'data', 'meta.properties'))) return;
  const clusterId = createHash('sha256').update(folder).digest().subarray(0, 16).toString('base64url');
  await runTool(java, [
    ...['-Xmx128m', '-XX:TieredStopAtLevel=1', `-Dlog4j2.configurationFile=${logging}`],
    ...['-cp', join(programs, 'libs', '*'), 'kafka.tools.StorageTool', 'format'],
    `--cluster-id=${clusterId}`,
    ...['--config', file, '--ignore-formatted'],
  ]);
}

function properties(data: string, ports: Ports<Use>): string {
  const broker = `PLAINTEXT://${loopback}:${ports.client}`;
  const controller = `CONTROLLER://${loopback}:${ports.controller}`;
  return `
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@${loopback}:${ports.controller}
listeners=${broker},${controller}
advertised.listeners=${broker},${controller}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs=${data}

# Topics are declared by the platform, never made by a typing error.
auto.create.topics.enable=false
num.partitions=1
log.retention.hours=24
log.segment.bytes=134217728

# One node: every internal topic has one replica.
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1

# A lost worker is noticed, and its transaction ended, within seconds.
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
group.consumer.min.session.timeout.ms=1000
group.consumer.session.timeout.ms=10000
group.consumer.min.heartbeat.interval.ms=500
group.consumer.heartbeat.interval.ms=1000
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000

# A development machine has few cores.
num.network.threads=2
num.io.threads=4
background.threads=2
num.recovery.threads.per.data.dir=2
`.trimStart();
}
