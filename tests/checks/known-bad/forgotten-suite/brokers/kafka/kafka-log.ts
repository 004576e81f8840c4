import { type Log } from '../log.ts';

export const createKafkaLog = (): Log => ({ name: 'kafka' });
