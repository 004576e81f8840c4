import { describeEventLog } from '../../conformance/event-log.ts';
import { createEmbeddedEventStore } from './event-store.ts';
import { createCountedEventStore, createEventStore } from './event-store.fixture.ts';

describeEventLog('DuckDB', { create: () => createEventStore(createEmbeddedEventStore) });
describeEventLog('DuckDB in stretches', { create: createCountedEventStore });
