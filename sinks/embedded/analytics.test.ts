import { describeAnalytics } from '../../conformance/analytics.ts';
import { createEmbeddedEventStore } from './event-store.ts';
import { createCountedEventStore, createEventStore } from './event-store.fixture.ts';

describeAnalytics('DuckDB', { create: () => createEventStore(createEmbeddedEventStore) });
describeAnalytics('DuckDB in stretches', { create: createCountedEventStore });
