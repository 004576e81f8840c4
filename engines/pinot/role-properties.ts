import { join } from 'node:path';

import { loopback, type Ports } from '../engine.ts';

export const pinotRoles = ['zookeeper', 'controller', 'broker', 'server'] as const;
export type PinotRole = (typeof pinotRoles)[number];
export type PinotPort = PinotRole | 'serverAdmin';

type Settings = Readonly<Record<string, string | number | boolean>>;

/** The configuration file of each role. */
export function roleProperties(data: string, ports: Ports<PinotPort>): Readonly<Record<string, string>> {
  const zooKeeper = `${loopback}:${ports.zookeeper}`;
  return {
    controller: file({
      'pinot.service.role': 'CONTROLLER',
      ...cluster(zooKeeper),
      'controller.helix.cluster.name': 'pinot',
      'controller.zk.str': zooKeeper,
      'controller.host': loopback,
      'controller.vip.host': loopback,
      'controller.vip.port': ports.controller,
      ...http('controller.access.protocols', ports.controller),
      'controller.data.dir': join(data, 'controller'),
      'controller.local.temp.dir': join(data, 'controller-temporary'),
      'controller.realtime.segment.validation.frequencyPeriod': '60s',
      'controller.task.scheduler.enabled': false,
    }),
    broker: file({
      'pinot.service.role': 'BROKER',
      ...cluster(zooKeeper),
      'pinot.broker.hostname': loopback,
      ...http('pinot.broker.client.access.protocols', ports.broker),
      'pinot.broker.timeoutMs': 10_000,
      'pinot.broker.delayShutdownTimeMs': 0,
    }),
    server: file({
      'pinot.service.role': 'SERVER',
      ...cluster(zooKeeper),
      'pinot.server.netty.host': loopback,
      'pinot.server.netty.port': ports.server,
      ...http('pinot.server.adminapi.access.protocols', ports.serverAdmin),
      'pinot.server.grpc.enable': false,
      'pinot.server.instance.dataDir': join(data, 'server', 'index'),
      'pinot.server.instance.segmentTarDir': join(data, 'server', 'segments'),
      'pinot.server.instance.realtime.alloc.offheap': true,
      'pinot.server.instance.realtime.alloc.offheap.direct': false,
      // The defaults hold a stop for 15 s and a start for 10 s.
      'pinot.server.shutdown.enableQueryCheck': false,
      'pinot.server.shutdown.enableResourceCheck': false,
      'pinot.server.startup.serviceStatusCheckIntervalMs': 250,
    }),
  };
}

const cluster = (zooKeeper: string): Settings => ({
  'pinot.cluster.name': 'pinot',
  'pinot.zk.server': zooKeeper,
});

const http = (prefix: string, port: number): Settings => ({
  [prefix]: 'http',
  [`${prefix}.http.host`]: loopback,
  [`${prefix}.http.port`]: port,
});

function file(settings: Settings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${String(value)}\n`)
    .join('');
}
