import { once } from 'node:events';
import { connect } from 'node:net';

import { messageOf } from '../contracts/errors.ts';
import type { EngineName } from './engines.ts';
import type { Settings } from './settings.ts';

/** One server that the distributed profile needs. */
export interface EngineAddress {
  readonly engine: EngineName;
  /** `Kafka`, as people call it. */
  readonly product: string;
  /** Its name for `openframe engines`. */
  readonly server: string;
  readonly setting: keyof Settings;
  /** host:port of each of its nodes; without user and password. */
  readonly nodes: readonly string[];
  /** Where it answers over HTTP whether it is well; elsewhere a connection says so. */
  readonly healthUrl?: string;
}

/** Every server that the settings name, in the order of the data's way. */
export function engineAddresses(settings: Settings): readonly EngineAddress[] {
  const of = (
    engine: EngineName,
    product: string,
    server: string,
    setting: keyof Settings,
    nodes: string[],
  ) => ({
    engine,
    product,
    server,
    setting,
    nodes,
  });
  const controllerUrl = settings.OPENFRAME_PINOT_CONTROLLER_URL;
  return [
    of('messaging', 'NATS', 'nats', 'OPENFRAME_NATS_URL', hostsOf(settings.OPENFRAME_NATS_URL, '4222')),
    of('log', 'Kafka', 'kafka', 'OPENFRAME_KAFKA_BROKERS', settings.OPENFRAME_KAFKA_BROKERS),
    of(
      'eventLog',
      'Cassandra',
      'cassandra',
      'OPENFRAME_CASSANDRA_CONTACT_POINTS',
      settings.OPENFRAME_CASSANDRA_CONTACT_POINTS.map((node) => (node.includes(':') ? node : `${node}:9042`)),
    ),
    ...settings.OPENFRAME_PINOT_BROKER_URL.map((url) => ({
      ...of('analytics', "Pinot's broker", 'pinot', 'OPENFRAME_PINOT_BROKER_URL', hostsOf(url, '80')),
      healthUrl: healthOf(url),
    })),
    {
      ...of(
        'analytics',
        "Pinot's controller",
        'pinot',
        'OPENFRAME_PINOT_CONTROLLER_URL',
        hostsOf(controllerUrl, '80'),
      ),
      healthUrl: healthOf(controllerUrl),
    },
    of(
      'documents',
      'MongoDB',
      'mongodb',
      'OPENFRAME_MONGODB_URL',
      hostsOf(settings.OPENFRAME_MONGODB_URL, '27017'),
    ),
    of('cache', 'Redis', 'redis', 'OPENFRAME_REDIS_URL', hostsOf(settings.OPENFRAME_REDIS_URL, '6379')),
  ];
}

export interface EngineCheck {
  readonly address: EngineAddress;
  /** null where it answers. */
  readonly fault: string | null;
}

const patienceMs = 3_000;

/** Asks each server once whether it is there; changes nothing on it. */
export function checkEngines(settings: Settings): Promise<readonly EngineCheck[]> {
  return Promise.all(
    engineAddresses(settings).map(async (address) => {
      const faults = await Promise.all(
        address.healthUrl === undefined ? address.nodes.map(connectFault) : [healthFault(address.healthUrl)],
      );
      const fault = faults.every((found) => found !== null) ? faults.join('; ') : null;
      return { address, fault };
    }),
  );
}

/** What is wrong, and what to do about it. */
export function describeFault({ address, fault }: EngineCheck): string {
  const { product, nodes, setting, server } = address;
  return (
    `${product} at ${nodes.join(', ')} does not answer (${fault ?? ''}): start it (openframe engines up ${server}), ` +
    `or say with ${setting} where it is.`
  );
}

/** `host:port` of each node of an address such as `mongodb://user:secret@a,b:27018/?tls=true`. */
function hostsOf(addresses: string, port: string): string[] {
  return addresses.split(',').map((part) => {
    const host = part
      .replace(/^[a-z+]+:\/\//, '')
      .replace(/^.*@/, '')
      .replace(/[/?].*$/, '');
    return /:\d+$/.test(host) ? host : `${host}:${port}`;
  });
}

function healthOf(url: string): string {
  return `${url.replace(/\/$/, '')}/health`;
}

async function connectFault(node: string): Promise<string | null> {
  const at = node.lastIndexOf(':');
  const socket = connect({
    host: node.slice(0, at).replace(/^\[|\]$/g, ''),
    port: Number(node.slice(at + 1)),
  });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(patienceMs) });
    return null;
  } catch (error) {
    return `${node}: ${faultText(error)}`;
  } finally {
    socket.destroy();
  }
}

async function healthFault(url: string): Promise<string | null> {
  try {
    // Most processes never ask.
    const { request } = await import('undici');
    const response = await request(url, { signal: AbortSignal.timeout(patienceMs) });
    await response.body.dump();
    return response.statusCode < 300 ? null : `${url} answers ${response.statusCode}`;
  } catch (error) {
    return `${url}: ${faultText(error)}`;
  }
}

function faultText(error: unknown): string {
  const { name, code } = error as { name?: string; code?: string };
  if (name === 'AbortError' || name === 'TimeoutError') return `no answer within ${patienceMs / 1000} s`;
  return code ?? messageOf(error);
}
