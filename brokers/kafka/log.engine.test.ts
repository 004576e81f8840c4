import { describeLog } from '../../conformance/log.ts';
import { engineAddresses } from '../../tests/engines/engine-addresses.ts';
import { createConfluentClient } from './confluent/client.ts';
import { createKafkaSubject } from './kafka-subject.fixture.ts';
import { createKafkajsClient } from './kafkajs/client.ts';
import { createPlatformaticClient } from './platformatic/client.ts';

const { OPENFRAME_KAFKA_BROKERS: brokers } = engineAddresses();

/** What no client of Kafka changes. */
const ofKafka = {
  'lets the oldest records go by age': 'the brokers apply retention by their own clock, a segment at a time',
  'lets the oldest records go by size': 'the brokers apply retention every few minutes, a segment at a time',
  'keeps the last record of each key in a compacted topic, and a tombstone removes its key':
    'the brokers compact in the background: until then a reader sees what was superseded, in order',
};

const recordsAlone = 'it hands out records, and does not tell in which batches they were stored';

const clients = {
  platformatic: { open: createPlatformaticClient, deviations: {} },
  kafkajs: {
    open: createKafkajsClient,
    deviations: {
      'shares the partitions of a group, and moves them when a member opens or closes':
        'it has the classic group protocol alone: each change takes all partitions of every member, and gives them anew',
      'says from which record on a batch is new, where it begins below':
        'it leaves out the records below the offset that was asked for, so a batch begins there',
      'says when a batch was committed':
        'it would give each record the time of its append instead of its own, so topics keep no time of the append',
    },
  },
  confluent: {
    open: createConfluentClient,
    deviations: {
      'commits outputs and consumed offsets together': `the same is held by confluent/commit.engine.test.ts: ${recordsAlone}`,
      'joins stored batches up to the records asked for, and splits none': recordsAlone,
      'says from which record on a batch is new, where it begins below': recordsAlone,
      'says when a batch was committed':
        'it would give each record the time of its append instead of its own, so topics keep no time of the append',
      'answers a storage fault with a retryable error, and neither loses nor doubles':
        'it reaches brokers only where they advertise to be, so no faulty proxy can stand between',
    },
  },
};

for (const [name, { open, deviations }] of Object.entries(clients)) {
  describeLog(`Kafka by ${name}`, {
    create: () => createKafkaSubject(brokers, open),
    deviations: { ...ofKafka, ...deviations },
  });
}
