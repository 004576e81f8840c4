import fc from 'fast-check';
import { expect } from 'vitest';

import type { Cache } from '../stores/cache.ts';
import type { DocumentScope } from '../stores/documents.ts';
import { type Deviations, describeLaws, type Laws } from './laws.ts';

/** A fresh, empty cache and the clock it lives under. */
export interface CacheSubject extends AsyncDisposable {
  readonly cache: Cache;
  /** The same storage as another process has it open; closed with the subject. */
  readonly second: Cache;
  /** Moves the cache's time on. */
  advance(ms: number): Promise<void>;
}

const north: DocumentScope = { tenantId: 'north' };
const south: DocumentScope = { tenantId: 'south' };

const laws: Laws<CacheSubject> = {
  'gives back what was set, and null for what was not': async ({ cache }) => {
    await cache.set(north, 'key', 'välue', 1000);
    expect(await cache.get(north, 'key')).toBe('välue');
    expect(await cache.get(north, 'other')).toBeNull();
    await cache.set(north, 'key', '', 1000);
    expect(await cache.get(north, 'key')).toBe('');
  },
  'keeps scopes apart in every method': async ({ cache }) => {
    await cache.set(north, 'key', 'north', 1000);
    expect(await cache.get(south, 'key')).toBeNull();
    await cache.delete(south, 'key');
    await cache.set(south, 'key', 'south', 1000);
    expect(await cache.get(north, 'key')).toBe('north');
    const bucket = { ratePerSecond: 1, burst: 1 };
    expect((await cache.take(north, 'key', bucket, 1)).granted).toBe(true);
    expect((await cache.take(south, 'key', bucket, 1)).granted).toBe(true);
    expect((await cache.take(north, 'key', bucket, 1)).granted).toBe(false);
  },
  'lets no scope and key spell those of another': async ({ cache }) => {
    await cache.set({ tenantId: 'a' }, 'b:c', 'first', 1000);
    expect(await cache.get({ tenantId: 'a:b' }, 'c')).toBeNull();
    await cache.set({ tenantId: '1' }, '1:1', 'second', 1000);
    expect(await cache.get({ tenantId: '1:1' }, '1')).toBeNull();
  },
  'forgets a value once its time to live is over, not before': async ({ cache, advance }) => {
    await cache.set(north, 'key', 'value', 1000);
    await advance(999);
    expect(await cache.get(north, 'key')).toBe('value');
    await advance(1);
    expect(await cache.get(north, 'key')).toBeNull();
  },
  'starts the time to live anew when a value is set again': async ({ cache, advance }) => {
    await cache.set(north, 'key', 'old', 1000);
    await advance(900);
    await cache.set(north, 'key', 'new', 1000);
    await advance(900);
    expect(await cache.get(north, 'key')).toBe('new');
  },
  deletes: async ({ cache }) => {
    await cache.set(north, 'key', 'value', 1000);
    await cache.delete(north, 'key');
    expect(await cache.get(north, 'key')).toBeNull();
  },
  'grants a burst, then says when the same cost would be granted': async ({ cache, advance }) => {
    const bucket = { ratePerSecond: 10, burst: 5 };
    expect(await cache.take(north, 'k', bucket, 5)).toEqual({ granted: true, retryAfterMs: 0 });
    expect(await cache.take(north, 'k', bucket, 2)).toEqual({ granted: false, retryAfterMs: 200 });
    await advance(199);
    expect(await cache.take(north, 'k', bucket, 2)).toEqual({ granted: false, retryAfterMs: 1 });
    await advance(1);
    expect(await cache.take(north, 'k', bucket, 2)).toEqual({ granted: true, retryAfterMs: 0 });
  },
  'takes nothing when it does not grant': async ({ cache }) => {
    const bucket = { ratePerSecond: 1, burst: 5 };
    expect((await cache.take(north, 'k', bucket, 3)).granted).toBe(true);
    expect((await cache.take(north, 'k', bucket, 3)).granted).toBe(false);
    expect((await cache.take(north, 'k', bucket, 2)).granted).toBe(true);
  },
  'never grants more than the burst': async ({ cache, advance }) => {
    const bucket = { ratePerSecond: 100, burst: 5 };
    expect(await cache.take(north, 'k', bucket, 6)).toEqual({ granted: false, retryAfterMs: Infinity });
    await advance(60_000);
    expect((await cache.take(north, 'k', bucket, 5)).granted).toBe(true);
    expect((await cache.take(north, 'k', bucket, 1)).granted).toBe(false);
  },
  'grants to those who ask at the same time what one would have been granted': async ({ cache }) => {
    const bucket = { ratePerSecond: 1, burst: 7 };
    const taken = await Promise.all(Array.from({ length: 20 }, () => cache.take(north, 'k', bucket, 1)));
    expect(taken.filter((t) => t.granted)).toHaveLength(7);
  },
  'grants to several processes together what one would have been granted': async ({
    cache,
    second,
    advance,
  }) => {
    const bucket = { ratePerSecond: 10, burst: 20 };
    const take = async (): Promise<number> => {
      const tries = Array.from({ length: 60 }, (_, i) =>
        (i % 2 === 0 ? cache : second).take(north, 'k', bucket, 1),
      );
      return (await Promise.all(tries)).filter((t) => t.granted).length;
    };
    expect(await take()).toBe(20);
    expect(await take()).toBe(0);
    await advance(700);
    expect(await take()).toBe(7);
  },
  'shows another process what was set and deleted': async ({ cache, second }) => {
    await cache.set(north, 'key', 'value', 1000);
    expect(await second.get(north, 'key')).toBe('value');
    await second.delete(north, 'key');
    expect(await cache.get(north, 'key')).toBeNull();
  },
  'keeps any text apart, as key and as value': async ({ cache }) => {
    const texts = ['', ' ', '\u0000', '\ud800', '\ufffd', '__proto__', '{a}', '*', '\r\nDEL key', 'ä'];
    for (const text of texts) await cache.set(north, text, `of ${text}`, 1000);
    for (const text of texts) expect(await cache.get(north, text)).toBe(`of ${text}`);
  },
  'refills exactly, in whatever steps time passes': async ({ cache, advance }) => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5000 }),
        fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 12 }),
        async (ratePerSecond, steps) => {
          const key = `bucket ${run++}`;
          const bucket = { ratePerSecond, burst: 1_000_000 };
          await cache.take(north, key, bucket, bucket.burst);
          for (const ms of steps) {
            await advance(ms);
            await cache.take(north, key, bucket, 0);
          }
          const elapsedMs = steps.reduce((sum, ms) => sum + ms, 0);
          const refilled = Math.floor((elapsedMs * ratePerSecond) / 1000);
          expect((await cache.take(north, key, bucket, refilled + 1)).granted).toBe(false);
          expect((await cache.take(north, key, bucket, refilled)).granted).toBe(true);
        },
      ),
      { numRuns: 50, seed: 7 },
    );
  },
  'closes twice': async ({ cache }) => {
    await cache[Symbol.asyncDispose]();
    await cache[Symbol.asyncDispose]();
  },
};

/** The laws of `Cache`, run on one engine. */
export function describeCache(
  name: string,
  options: { readonly create: () => Promise<CacheSubject>; readonly deviations?: Deviations },
): void {
  describeLaws(`cache on ${name}`, laws, options);
}
