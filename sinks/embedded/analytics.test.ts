import { describeAnalytics } from '../../conformance/analytics.ts';
import { createEmbeddedEventStore } from './event-store.ts';
import { createEventStore } from './event-store.fixture.ts';

describeAnalytics('DuckDB', { create: () => createEventStore(createEmbeddedEventStore) });
