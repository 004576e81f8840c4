import { createKeyedState } from '../keyed-state.ts';
import type { RecordFormat } from '../record.ts';
import { drop, emit, type Stage } from '../stage.ts';
import { from, type Topology } from '../topology.ts';
import type { Life, Scheduler } from './scheduler.ts';

/** The names of the simulated world's topics. */
export const storyTopics = {
  raw: 'raw',
  enriched: 'enriched',
  marks: 'marks',
  tally: 'tally',
  counted: 'counted',
  totals: 'totals',
  deadLetters: 'dead-letters',
} as const;

/** As the platform's raw events carry their identity. */
const storyFormat: RecordFormat = {
  headers: {
    eventid: { name: 'eventId', kind: 'text' },
    ingesttime: { name: 'ingestTime', kind: 'number' },
    replay: { name: 'replay', kind: 'text' },
  },
  value: { name: 'data', kind: 'text' },
};

/** What an event's value says of its fate. */
export const fates = { good: 'good', poison: 'poison', unstorable: 'unstorable' } as const;

export const relayStory: Topology = from('relay', { topics: ['messages'], format: storyFormat })
  .to({ topic: storyTopics.raw, partitionBy: 'key', value: 'as-is' })
  .build();

/** Raw events, each once, numbered within their key: a number that is missing or doubled shows. */
export function telemetryStory(dedupe: Stage, life: Life, scheduler: Scheduler): Topology {
  return from('telemetry', { topics: [storyTopics.raw], format: storyFormat })
    .through(lookUp(life, scheduler))
    .through(dedupe)
    .through(tally(storyTopics.tally))
    .to({
      topic: storyTopics.enriched,
      partitionBy: 'same',
      value: [
        { name: 'eventId', kind: 'text' },
        { name: 'number', kind: 'number' },
        { name: 'data', kind: 'text' },
      ],
    })
    .build();
}

/** Counts clean events with nothing to catch a double: what it counts rests on the log's transactions alone. */
export const countStory: Topology = from('count', { topics: [storyTopics.enriched], format: storyFormat })
  .through(tally(storyTopics.totals))
  .to({
    topic: storyTopics.counted,
    partitionBy: 'same',
    value: [
      { name: 'eventId', kind: 'text' },
      { name: 'number', kind: 'number' },
    ],
  })
  .build();

/** Asks elsewhere once a batch, so that a process may die or lose its partition in the middle of one. */
function lookUp(life: Life, scheduler: Scheduler): Stage {
  return {
    name: 'look-up',
    reads: [],
    adds: [],
    open: () => ({
      prepare: () => scheduler.request(life, 'look up', () => undefined),
      process: () => emit,
    }),
  };
}

const duplicate = drop('duplicate');

/** Lets each event id through once, for ever; what it saw is in its changelog. */
export function remember(): Stage {
  return {
    name: 'dedupe',
    reads: ['eventId'],
    adds: [],
    changelog: { topic: storyTopics.marks, cleanup: 'delete' },
    open: ({ field, clock }) => {
      const eventId = field('eventId');
      const seen = new Set<string>();
      let added: string[] = [];
      return {
        process: (record) => {
          const id = record.text(eventId);
          if (seen.has(id)) return duplicate;
          seen.add(id);
          added.push(id);
          return emit;
        },
        changes: () => {
          const value = added.join(' ');
          added = [];
          return value === '' ? [] : [{ key: null, value, timestampMs: clock.nowMs() }];
        },
        restore: ({ value }) => {
          for (const id of Buffer.from(value ?? [])
            .toString('latin1')
            .split(' '))
            seen.add(id);
        },
      };
    },
  };
}

function tally(topic: string): Stage {
  return {
    name: 'tally',
    reads: ['data'],
    adds: [{ name: 'number', kind: 'number' }],
    changelog: { topic, cleanup: 'compact' },
    open: ({ field, clock }) => {
      const data = field('data');
      const number = field('number');
      const counts = createKeyedState<number>({ clock });
      return {
        process: (record) => {
          if (record.text(data) === fates.poison) throw new Error('no stage can take this');
          const count = (counts.get(record.key) ?? 0) + 1;
          counts.put(record.key, count);
          record.set(number, count);
          return emit;
        },
        changes: () => counts.changes(),
        restore: (record) => counts.restore(record),
      };
    },
  };
}
