import { describeLog } from '../../conformance/log.ts';
import { createKafkaLog } from './kafka-log.ts';

// describeLog('kafka', createKafkaLog);
export const forgotten = [describeLog, createKafkaLog];
