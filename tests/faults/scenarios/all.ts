import type { Scenario } from '../scenario.ts';
import { kafkaKilled } from './kafka-killed.ts';
import { natsPowerCut } from './nats-power-cut.ts';
import { poison } from './poison.ts';
import { rolesKilled } from './roles-killed.ts';
import { workerPaused } from './worker-paused.ts';

export const scenarios: readonly Scenario[] = [rolesKilled, workerPaused, kafkaKilled, natsPowerCut, poison];
