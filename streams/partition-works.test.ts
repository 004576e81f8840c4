import { expect, it } from 'vitest';

import { PartitionWorks } from './partition-works.ts';

/** A work that ends when the test says so. */
function held(log: string[], name: string) {
  const { promise, resolve, reject } = Promise.withResolvers<Error | undefined>();
  const work = async () => {
    log.push(`begin ${name}`);
    return promise.finally(() => log.push(`end ${name}`));
  };
  return { work, resolve, reject };
}

it('begins works of other partitions while one runs, and those of one partition behind each other', async () => {
  const works = new PartitionWorks();
  const log: string[] = [];
  const [first, other, second] = [held(log, '0a'), held(log, '1a'), held(log, '0b')];
  await works.begin(0, first.work);
  await works.begin(1, other.work);
  const beginning = works.begin(0, second.work);
  other.resolve(undefined);
  first.resolve(undefined);
  await beginning;
  second.resolve(undefined);
  await works.done();
  expect(log.filter((line) => line.includes(' 0'))).toEqual(['begin 0a', 'end 0a', 'begin 0b', 'end 0b']);
  expect(log.slice(0, 2)).toEqual(['begin 0a', 'begin 1a']);
});

it('does not begin what comes behind a work that gave its batch back, but what comes again', async () => {
  const works = new PartitionWorks();
  const log: string[] = [];
  const fault = new Error('away');
  const first = held(log, 'a');
  await works.begin(0, first.work);
  const behind = works.begin(0, held(log, 'b').work);
  first.resolve(fault);
  expect(await behind).toBe(fault);
  const again = held(log, 'a again');
  expect(await works.begin(0, again.work)).toBe(undefined);
  again.resolve(undefined);
  await works.done();
  expect(log).toEqual(['begin a', 'end a', 'begin a again', 'end a again']);
});

it('begins nothing after one has thrown, and throws the same', async () => {
  const works = new PartitionWorks();
  const log: string[] = [];
  const first = held(log, 'a');
  await works.begin(0, first.work);
  first.reject(new Error('broken'));
  await expect(works.done()).rejects.toThrow('broken');
  expect(works.failed.aborted).toBe(true);
  await expect(works.begin(1, held(log, 'b').work)).rejects.toThrow('broken');
  expect(log).toEqual(['begin a', 'end a']);
});
