import { describeAnalytics } from '../../conformance/analytics.ts';
import { createEmbeddedAnalytics } from './analytics.ts';
import { createTestStore } from './test-store.ts';

describeAnalytics('DuckDB', { create: () => createTestStore(createEmbeddedAnalytics) });
