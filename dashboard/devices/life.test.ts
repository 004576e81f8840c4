import { expect, it } from 'vitest';

import { changesOf, lifeEventsOf, lifeWordOf, stretchesOf, totalsOf } from './life.ts';

const startMs = Date.parse('2026-11-22T12:00:00Z');
const minute = 60_000;

function told(word: string, minutes: number, source = '/devices/d1', sourceId = '0') {
  const eventTime = new Date(startMs + minutes * minute).toISOString();
  return { sourceType: `openframe.device.${word}`, source, sourceId, eventTime };
}

it('tells what happened by the type, of the platform alone', () => {
  expect(lifeWordOf(told('cloned', 0))).toBe('cloned');
  expect(lifeWordOf(told('exploded', 0))).toBeNull();
  expect(lifeWordOf(told('offline', 0, '/agents/d1'))).toBeNull();
  expect(lifeWordOf({ sourceType: 'openframe.device', source: '/devices/d1' })).toBeNull();
});

it('puts the newest first, and of one moment what was told last', () => {
  const at = (word: string, minutes: number, id: string) => told(word, minutes, '/devices/d1', id);
  const events = [
    at('online', 0, '9'),
    at('registered', 0, '0'),
    at('late', 2, '11'),
    at('offline', 2, '12'),
  ];
  const agents = told('offline', 5, '/agents/d1');
  expect(lifeEventsOf([...events, agents]).map(lifeWordOf)).toEqual([
    'offline',
    'late',
    'online',
    'registered',
  ]);
});

it('makes stretches of the turns, in any order of the events', () => {
  const events = [
    told('offline', 12),
    told('late', 11),
    told('changed', 5),
    told('online', 30),
    told('online', 1),
  ];
  const stretches = stretchesOf(events, startMs, startMs + 40 * minute);
  expect(
    stretches.map(({ state, fromMs, toMs }) => [
      state,
      (fromMs - startMs) / minute,
      (toMs - startMs) / minute,
    ]),
  ).toEqual([
    ['unknown', 0, 1],
    ['online', 1, 11],
    ['late', 11, 12],
    ['offline', 12, 30],
    ['online', 30, 40],
  ]);
  expect(totalsOf(stretches)).toEqual([
    ['online', 20 * minute],
    ['offline', 18 * minute],
    ['unknown', minute],
    ['late', minute],
  ]);
});

it('knows the state at the start by what was told before it', () => {
  const events = [told('online', -60), told('offline', -30)];
  const [only] = stretchesOf(events, startMs, startMs + minute);
  expect(only).toEqual({ state: 'offline', fromMs: startMs, toMs: startMs + minute });
});

it('leaves out what comes after the end, and joins equal states', () => {
  const events = [told('online', 1), told('online', 2), told('offline', 90)];
  expect(stretchesOf(events, startMs, startMs + 60 * minute).map(({ state }) => state)).toEqual([
    'unknown',
    'online',
  ]);
});

it('reads the changes of an inventory, and nothing of another shape', () => {
  const changes = [
    { path: 'os.version', from: '1', to: '2' },
    { path: 'users[ada]', to: 'ada' },
    { from: 'x' },
    7,
    null,
  ];
  expect(changesOf({ row: { changes } })).toEqual([
    { path: 'os.version', from: '1', to: '2' },
    { path: 'users[ada]', from: null, to: 'ada' },
  ]);
  for (const data of [null, 'x', { row: null }, { row: { changes: { length: 2 } } }])
    expect(changesOf(data)).toEqual([]);
});
