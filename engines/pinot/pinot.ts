import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import {
  type Answers,
  type Engine,
  type EnginePlace,
  loopback,
  type Ports,
  type ProcessPlan,
} from '../engine.ts';
import { log4jFile } from '../log4j.ts';
import { pinotBrokerAnswers, pinotRoleAnswers } from './pinot-answers.ts';
import { type PinotPort, type PinotRole, pinotRoles, roleProperties } from './role-properties.ts';
import { zooKeeperAnswers } from './zookeeper-answers.ts';
import { javaHeap } from '../java-heap.ts';

/** Packages of the JDK that Pinot's buffers and libraries reach into. */
const opened = ['java.lang', 'java.lang.reflect', 'java.net', 'java.nio', 'java.util', 'sun.nio.ch'].concat([
  'jdk.internal.misc',
  'jdk.internal.ref',
]);
/** MiB of heap: of all roles in one process, and of each in its own. */
const heapTogether = 1024;
const heapApart: Readonly<Record<PinotRole, number>> = {
  zookeeper: 64,
  controller: 384,
  broker: 256,
  server: 640,
};

const roleAnswers: Readonly<Record<PinotRole, Answers<PinotPort>>> = {
  zookeeper: (ports, signal) => zooKeeperAnswers(ports.zookeeper, signal),
  controller: (ports, signal) => pinotRoleAnswers(ports.controller, signal),
  broker: (ports, signal) => pinotBrokerAnswers(ports.broker, signal),
  server: (ports, signal) => pinotRoleAnswers(ports.serverAdmin, signal),
};

async function allAnswer(ports: Ports<PinotPort>, signal: AbortSignal): Promise<void> {
  for (const role of pinotRoles) await roleAnswers[role](ports, signal);
}

export const pinot: Engine<PinotPort> = {
  name: 'pinot',
  defaultPorts: { zookeeper: 2181, controller: 9000, broker: 8099, server: 8098, serverAdmin: 8097 },
  needsJava: true,
  answers: {
    pinot: allAnswer,
    ...Object.fromEntries(pinotRoles.map((role) => [`pinot-${role}`, roleAnswers[role]])),
  },
  async prepare(place) {
    await mkdir(place.folder, { recursive: true });
    await writeFile(join(place.folder, 'log4j2.xml'), log4jFile(chatty));
    const files = roleProperties(join(place.folder, 'data'), place.ports);
    for (const [role, text] of Object.entries(files)) {
      await writeFile(join(place.folder, `${role}.properties`), text);
    }
    if (!place.pinotApart) return [plan(place, 'pinot', pinotRoles, heapTogether)];
    return pinotRoles.map((role) => plan(place, `pinot-${role}`, [role], heapApart[role]));
  },
  addresses: (ports) => ({
    OPENFRAME_PINOT_BROKER_URL: `http://${loopback}:${ports.broker}`,
    OPENFRAME_PINOT_CONTROLLER_URL: `http://${loopback}:${ports.controller}`,
  }),
};

const chatty = ['org.apache.helix', 'org.apache.zookeeper', 'org.apache.kafka', 'org.reflections'];

function plan(
  { programs, folder, ports, java }: EnginePlace<PinotPort>,
  name: string,
  roles: readonly PinotRole[],
  heap: number,
): ProcessPlan {
  const argument = (role: PinotRole): string =>
    role === 'zookeeper'
      ? `zookeeper=${ports.zookeeper}:${join(folder, 'data', 'zookeeper')}`
      : `${role}=${join(folder, `${role}.properties`)}`;
  const args = [
    ...[...javaHeap(heap, heap), '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=100'],
    '-XX:MaxDirectMemorySize=512m',
    ...['-Dfile.encoding=UTF-8', '-Djava.net.preferIPv4Stack=true'],
    `-Dlog4j2.configurationFile=${join(folder, 'log4j2.xml')}`,
    // A killed server's session ends sooner, and the next start waits for that.
    '-Dzk.session.timeout=10000',
    ...['jdk.internal.ref', 'sun.nio.ch'].map((pack) => `--add-exports=java.base/${pack}=ALL-UNNAMED`),
    ...opened.map((pack) => `--add-opens=java.base/${pack}=ALL-UNNAMED`),
    ...['-cp', `${join(programs, 'classes')}:${join(programs, 'libs', '*')}`, 'PinotRoles'],
    ...roles.map(argument),
  ];
  return { name, command: java, args };
}
