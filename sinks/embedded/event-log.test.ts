import { describeEventLog } from '../../conformance/event-log.ts';
import { createEmbeddedEventStore } from './event-store.ts';
import { createEventStore } from './event-store.fixture.ts';

describeEventLog('DuckDB', { create: () => createEventStore(createEmbeddedEventStore) });
