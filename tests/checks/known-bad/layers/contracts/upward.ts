import type { Log } from '../brokers/log.ts';

export type LogOfEvents = Log;
