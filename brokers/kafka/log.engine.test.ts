import { describeLog } from '../../conformance/log.ts';
import { engineAddresses } from '../../tests/engines/engine-addresses.ts';
import { createKafkaSubject } from './kafka-subject.fixture.ts';
import { createPlatformaticClient } from './platformatic/client.ts';

const { OPENFRAME_KAFKA_BROKERS: brokers } = engineAddresses();

/** What no client of Kafka changes. */
const ofKafka = {
  'lets the oldest records go by age': 'the brokers apply retention by their own clock, a segment at a time',
  'lets the oldest records go by size': 'the brokers apply retention every few minutes, a segment at a time',
  'keeps the last record of each key in a compacted topic, and a tombstone removes its key':
    'the brokers compact in the background: until then a reader sees what was superseded, in order',
};

const clients = {
  platformatic: { open: createPlatformaticClient, deviations: {} },
};

for (const [name, { open, deviations }] of Object.entries(clients)) {
  describeLog(`Kafka by ${name}`, {
    create: () => createKafkaSubject(brokers, open),
    deviations: { ...ofKafka, ...deviations },
  });
}
