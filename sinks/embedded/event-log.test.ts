import { describeEventLog } from '../../conformance/event-log.ts';
import { createEmbeddedEventLog } from './event-log.ts';
import { createTestStore } from './test-store.ts';

describeEventLog('DuckDB', { create: () => createTestStore(createEmbeddedEventLog) });
