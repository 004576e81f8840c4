import { describeAnalytics } from '../../conformance/analytics.ts';
import { createEmbeddedAnalytics } from './analytics.ts';
import { createEventStore } from './event-store.fixture.ts';

describeAnalytics('DuckDB', { create: () => createEventStore(createEmbeddedAnalytics) });
