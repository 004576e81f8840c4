import { expect, it } from 'vitest';

import { OpenFrameError } from '../../contracts/errors.ts';
import type { KafkaProducer } from './client.ts';
import { ProducersInTurn } from './producers-in-turn.ts';

/** Writes down under which id each transaction was committed; refuses as long as it is told to. */
class Ids {
  readonly committed: string[] = [];
  readonly closed: string[] = [];
  refused = '';

  async open(id: string): Promise<KafkaProducer> {
    return {
      commit: async () => {
        if (id === this.refused) throw new OpenFrameError('STORE_UNAVAILABLE', 'away', { retryable: true });
        this.committed.push(id);
      },
      [Symbol.asyncDispose]: async () => {
        this.closed.push(id);
      },
    };
  }
}

it('commits under each id in turn', async () => {
  const ids = new Ids();
  const producers = await ProducersInTurn.open([ids.open('a'), ids.open('b')]);
  for (let i = 0; i < 3; i++) await producers.commit([], []);
  expect(ids.committed).toEqual(['a', 'b', 'a']);
});

it('leaves the turn with the id whose commit failed, since only that can end it', async () => {
  const ids = new Ids();
  const producers = await ProducersInTurn.open([ids.open('a'), ids.open('b')]);
  await producers.commit([], []);
  ids.refused = 'b';
  await expect(producers.commit([], [])).rejects.toThrow('away');
  ids.refused = '';
  await producers.commit([], []);
  expect(ids.committed).toEqual(['a', 'b']);
});

it('closes what was opened where another id cannot be', async () => {
  const ids = new Ids();
  const opening = ProducersInTurn.open([ids.open('a'), Promise.reject(new Error('refused')), ids.open('c')]);
  await expect(opening).rejects.toThrow('refused');
  expect(ids.closed).toEqual(['a', 'c']);
});
