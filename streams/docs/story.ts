import type { RecordFormat } from '../record.ts';
import { drop, emit, type Stage } from '../stage.ts';

/** The small world of this book: scales in a kitchen report what they weigh, as text such as `{"grams":120}`. */
export const scales: RecordFormat = {
  headers: { kitchen: { name: 'kitchen', kind: 'text' } },
  value: { name: 'reading', kind: 'json' },
};

/** One report of a scale. */
export function weighs(scale: string, grams: unknown, eventTimeMs = 1, headers = { kitchen: 'north' }) {
  return { key: scale, value: { grams }, eventTimeMs, headers };
}

const empty = drop('empty');

/** Reads the weight; an empty scale is no news. */
export const weigh: Stage = {
  name: 'weigh',
  reads: ['reading'],
  adds: [{ name: 'grams', kind: 'number' }],
  open: ({ field }) => {
    const [reading, grams] = [field('reading'), field('grams')];
    return {
      process: (record) => {
        const { grams: found } = record.json(reading) as { grams: number };
        if (found === 0) return empty;
        record.set(grams, found);
        return emit;
      },
    };
  },
};

/** What every chapter's topology writes: the kitchen and the grams, as a JSON object. */
export const kitchenOutput = {
  topic: 'weights',
  partitionBy: 'same',
  value: [
    { name: 'kitchen', kind: 'text' },
    { name: 'grams', kind: 'number' },
  ],
} as const;
