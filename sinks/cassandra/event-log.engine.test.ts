import { describeEventLog } from '../../conformance/event-log.ts';
import { createEventStore } from './cassandra.fixture.ts';

describeEventLog('Cassandra', { create: createEventStore });
