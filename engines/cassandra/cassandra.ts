import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type Engine, loopback, type Ports } from '../engine.ts';
import { cassandraAnswers } from './cassandra-answers.ts';
import { javaHeap } from '../java-heap.ts';

type Use = 'client' | 'storage';

/** Packages of the JDK that Cassandra reaches into; without them it does not start on 17. */
const exported = [
  'java.base/jdk.internal.misc',
  'java.base/java.lang.ref',
  'java.management.rmi/com.sun.jmx.remote.internal.rmi',
  'java.rmi/sun.rmi.registry',
  'java.rmi/sun.rmi.server',
  'java.sql/java.sql',
  'jdk.unsupported/sun.misc',
];
const opened = [
  ...['io', 'lang', 'lang.module', 'lang.reflect', 'math', 'net', 'nio', 'util'].map(
    (name) => `java.${name}`,
  ),
  ...['java.util.concurrent', 'java.util.concurrent.atomic', 'sun.nio.ch'],
  ...['loader', 'math', 'module', 'ref', 'reflect', 'util.jar'].map((name) => `jdk.internal.${name}`),
].map((name) => `java.base/${name}`);

export const cassandra: Engine<Use> = {
  name: 'cassandra',
  defaultPorts: { client: 9042, storage: 7000 },
  needsJava: true,
  answers: { cassandra: (ports, signal) => cassandraAnswers(ports.client, signal) },
  async prepare({ programs, folder, ports, java, more }) {
    await mkdir(join(folder, 'data'), { recursive: true });
    const configuration = join(folder, 'cassandra.yaml');
    const logging = join(folder, 'logback.xml');
    await writeFile(configuration, settings(join(folder, 'data'), ports) + more);
    await writeFile(logging, logback);
    const libs = join(programs, 'libs');
    const args = [
      ...exported.map((name) => `--add-exports=${name}=ALL-UNNAMED`),
      ...[...opened, 'java.rmi/sun.rmi.transport.tcp', 'jdk.management/com.sun.management.internal'].map(
        (name) => `--add-opens=${name}=ALL-UNNAMED`,
      ),
      ...[...javaHeap(1024, 2048), '-Xss512k', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=100'],
      ...['-XX:+ParallelRefProcEnabled', '-XX:MaxDirectMemorySize=256m', '-XX:+PerfDisableSharedMem'],
      '-Djdk.attach.allowAttachSelf=true',
      '-Djava.net.preferIPv4Stack=true',
      '-Dio.netty.tryReflectionSetAccessible=true',
      // Alone in its cluster it has no neighbours to wait for.
      ...['-Dcassandra.skip_wait_for_gossip_to_settle=0', '-Dcassandra.ring_delay_ms=100'],
      `-javaagent:${join(libs, 'jamm-0.4.0.jar')}`,
      `-Dcassandra.config=file://${configuration}`,
      `-Dcassandra.storagedir=${join(folder, 'data')}`,
      `-Dlogback.configurationFile=${logging}`,
      '-Dcassandra-foreground=yes',
      ...['-cp', join(libs, '*'), 'org.apache.cassandra.service.CassandraDaemon'],
    ];
    return [{ name: 'cassandra', command: java, args }];
  },
  addresses: (ports) => ({ OPENFRAME_CASSANDRA_CONTACT_POINTS: `${loopback}:${ports.client}` }),
};

function settings(data: string, ports: Ports<Use>): string {
  const folder = (name: string): string => JSON.stringify(join(data, name));
  return `
cluster_name: openframe
num_tokens: 1
initial_token: 0
auto_bootstrap: false
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
endpoint_snitch: SimpleSnitch
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters: [{ seeds: "${loopback}:${ports.storage}" }]
listen_address: ${loopback}
rpc_address: ${loopback}
storage_port: ${ports.storage}
native_transport_port: ${ports.client}
authenticator: AllowAllAuthenticator
authorizer: AllowAllAuthorizer

data_file_directories: [${folder('tables')}]
commitlog_directory: ${folder('commitlog')}
saved_caches_directory: ${folder('caches')}
hints_directory: ${folder('hints')}
cdc_raw_directory: ${folder('cdc')}
commitlog_sync: periodic
commitlog_sync_period: 1s
commitlog_segment_size: 16MiB
commitlog_total_space: 256MiB
disk_failure_policy: stop
commit_failure_policy: stop
disk_access_mode: mmap_index_only
storage_compatibility_mode: NONE
sstable: { selected_format: big }
auto_snapshot: false
incremental_backups: false
hinted_handoff_enabled: false
materialized_views_enabled: false
user_defined_functions_enabled: false

# Sizes for a machine that runs the other engines too.
memtable_heap_space: 128MiB
memtable_offheap_space: 64MiB
memtable_allocation_type: heap_buffers
memtable_flush_writers: 1
file_cache_size: 64MiB
networking_cache_size: 16MiB
key_cache_size: 16MiB
counter_cache_size: 0MiB
concurrent_reads: 16
concurrent_writes: 16
concurrent_counter_writes: 4
concurrent_compactors: 1
compaction_throughput: 64MiB/s
native_transport_max_threads: 32
`.trimStart();
}

const logback = `<configuration>
  <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%date{ISO8601} %-5level [%thread] %F:%L %msg%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="out"/></root>
</configuration>
`;
