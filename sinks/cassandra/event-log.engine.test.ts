import { describeEventLog } from '../../conformance/event-log.ts';
import { createEventStore } from './cassandra.fixture.ts';

describeEventLog('Cassandra', {
  create: createEventStore,
  deviations: {
    'deletes what is older and not of the types that are kept longer':
      'each row has a time to live by its type, and deletions take whole partitions',
  },
});
