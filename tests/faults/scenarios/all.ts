import type { Scenario } from '../scenario.ts';
import { badClocks } from './bad-clocks.ts';
import { badNetwork } from './bad-network.ts';
import { cassandraFaults } from './cassandra-faults.ts';
import { emptyDisk } from './empty-disk.ts';
import { flippedBit } from './flipped-bit.ts';
import { kafkaKilled } from './kafka-killed.ts';
import { natsPowerCut } from './nats-power-cut.ts';
import { pinotKilled } from './pinot-killed.ts';
import { poison } from './poison.ts';
import { restoringKilled } from './restoring-killed.ts';
import { rollingFormat } from './rolling-format.ts';
import { rolesKilled } from './roles-killed.ts';
import { sameEvent } from './same-event.ts';
import { storesAway } from './stores-away.ts';
import { workerPaused } from './worker-paused.ts';
import { workersComeAndGo } from './workers-come-and-go.ts';

export const scenarios: readonly Scenario[] = [
  rolesKilled,
  restoringKilled,
  emptyDisk,
  flippedBit,
  workerPaused,
  workersComeAndGo,
  rollingFormat,
  kafkaKilled,
  natsPowerCut,
  pinotKilled,
  sameEvent,
  poison,
  cassandraFaults,
  badNetwork,
  badClocks,
  storesAway,
];
