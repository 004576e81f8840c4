import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { type Engine, loopback } from '../engine.ts';
import { mongodbAnswers } from './mongodb-answers.ts';
import { javaHeap } from '../java-heap.ts';

/** mongo-java-server over a file: MongoDB's protocol, without transactions, TTL and validators. */
export const mongodb: Engine<'client'> = {
  name: 'mongodb',
  defaultPorts: { client: 27017 },
  needsJava: true,
  answers: { mongodb: (ports, signal) => mongodbAnswers(ports.client, signal) },
  async prepare({ programs, folder, ports, java }) {
    const data = join(folder, 'data');
    await mkdir(data, { recursive: true });
    const classes = `${join(programs, 'classes')}:${join(programs, 'libs', '*')}`;
    const args = [
      ...javaHeap(64, 256),
      '-XX:+UseSerialGC',
      // It does so little that the optimizing compiler would take three times what it can save.
      '-XX:TieredStopAtLevel=1',
      ...['-cp', classes, 'DurableMongoServer'],
      String(ports.client),
      join(data, 'documents.mv'),
    ];
    return [{ name: 'mongodb', command: java, args }];
  },
  addresses: (ports) => ({ OPENFRAME_MONGODB_URL: `mongodb://${loopback}:${ports.client}` }),
};
