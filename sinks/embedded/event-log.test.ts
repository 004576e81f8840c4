import { describeEventLog } from '../../conformance/event-log.ts';
import { createEmbeddedEventLog } from './event-log.ts';
import { createEventStore } from './event-store.fixture.ts';

describeEventLog('DuckDB', { create: () => createEventStore(createEmbeddedEventLog) });
