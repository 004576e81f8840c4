import { expect } from 'vitest';

import { type DocumentScope, type DocumentStore, platformScope } from '../stores/documents.ts';
import { type Deviations, describeLaws, type Laws } from './laws.ts';

/** A fresh, empty store, and a way to open the same storage once more (another process, or after a restart). */
export interface DocumentsSubject extends AsyncDisposable {
  readonly documents: DocumentStore;
  reopen(): Promise<DocumentStore>;
}

const north: DocumentScope = { tenantId: 'north' };
const south: DocumentScope = { tenantId: 'south' };

const laws: Laws<DocumentsSubject> = {
  'gives back what was put, and null for what was not': async ({ documents }) => {
    const document = { text: 'ä"\\\u2028', number: 1.5, nested: { list: [1, null, true] } };
    await documents.put(north, 'things', 'one', document);
    expect(await documents.get(north, 'things', 'one')).toEqual(document);
    expect(await documents.get(north, 'things', 'two')).toBeNull();
    expect(await documents.get(north, 'others', 'one')).toBeNull();
  },
  'replaces a document whole': async ({ documents }) => {
    await documents.put(north, 'things', 'one', { a: 1 });
    await documents.put(north, 'things', 'one', { b: 2 });
    expect(await documents.get(north, 'things', 'one')).toEqual({ b: 2 });
    expect(await documents.count(north, 'things')).toBe(1);
  },
  'keeps scopes apart in every method': async ({ documents }) => {
    await documents.put(north, 'things', 'one', { of: 'north' });
    expect(await documents.get(south, 'things', 'one')).toBeNull();
    expect(await documents.list(south, 'things', { limit: 10 })).toEqual([]);
    expect(await documents.list(south, 'things', { limit: 10, match: { of: 'north' } })).toEqual([]);
    expect(await documents.count(south, 'things')).toBe(0);
    expect(await documents.delete(south, 'things', 'one')).toBe(false);
    expect(await documents.insert(south, 'things', 'one', { of: 'south' })).toBe(true);
    await documents.put(south, 'things', 'one', { of: 'south again' });
    await documents.putAll('things', [{ scope: south, id: 'one', document: { of: 'all of south' } }]);
    expect(await documents.get(north, 'things', 'one')).toEqual({ of: 'north' });
    expect(await documents.get(platformScope, 'things', 'one')).toBeNull();
  },
  'reads scope, collection and id as text, never as a pattern or a path': async ({ documents }) => {
    const hostile = ["' OR '1'='1", '%', '_', '*', '$ne', '../south', 'south/one', '{"$gt":""}'];
    await documents.put(south, 'things', 'one', { of: 'south' });
    for (const text of hostile) {
      expect(await documents.get({ tenantId: text }, 'things', 'one')).toBeNull();
      expect(await documents.get(south, text, 'one')).toBeNull();
      expect(await documents.get(south, 'things', text)).toBeNull();
      expect(await documents.list(south, 'things', { limit: 9, match: { of: text } })).toEqual([]);
      expect(await documents.list(south, 'things', { limit: 9, match: { [text]: 'south' } })).toEqual([]);
    }
  },
  'inserts a free id once, however many try at the same time': async ({ documents, reopen }) => {
    await using second = await reopen();
    const tries = Array.from({ length: 20 }, (_, i) =>
      (i % 2 === 0 ? documents : second).insert(north, 'things', 'one', { by: i }),
    );
    const won = (await Promise.all(tries)).flatMap((inserted, i) => (inserted ? [i] : []));
    expect(won).toHaveLength(1);
    expect(await documents.get(north, 'things', 'one')).toEqual({ by: won[0] });
  },
  'deletes once': async ({ documents }) => {
    await documents.put(north, 'things', 'one', {});
    expect(await documents.delete(north, 'things', 'one')).toBe(true);
    expect(await documents.delete(north, 'things', 'one')).toBe(false);
    expect(await documents.get(north, 'things', 'one')).toBeNull();
  },
  'lists in ascending order of id, page by page, each document once': async ({ documents }) => {
    const ids = ['a', 'a-1', 'aa', 'b', 'c', 'd', 'z'];
    for (const id of ids.toReversed()) await documents.put(north, 'things', id, { id });
    const seen: string[] = [];
    for (let afterId: string | undefined; ; afterId = seen.at(-1)) {
      const page = await documents.list(north, 'things', {
        limit: 3,
        ...(afterId === undefined ? {} : { afterId }),
      });
      seen.push(...page.map((row) => row.id));
      if (page.length < 3) break;
    }
    expect(seen).toEqual(ids);
  },
  'lists what matches in every field': async ({ documents }) => {
    await documents.put(north, 'things', '1', { colour: 'red', size: 'small' });
    await documents.put(north, 'things', '2', { colour: 'red', size: 'large' });
    await documents.put(north, 'things', '3', { colour: 'blue', size: 'large' });
    await documents.put(north, 'things', '4', { colour: ['red'], size: 7, 'a.b"c': 'odd' });
    const ids = async (match: Record<string, string>): Promise<string[]> =>
      (await documents.list(north, 'things', { limit: 10, match })).map((row) => row.id);
    expect(await ids({ colour: 'red' })).toEqual(['1', '2']);
    expect(await ids({ colour: 'red', size: 'large' })).toEqual(['2']);
    expect(await ids({ size: '7' })).toEqual([]);
    expect(await ids({ 'a.b"c': 'odd' })).toEqual(['4']);
    expect(await ids({ missing: '' })).toEqual([]);
    const [first] = await documents.list(north, 'things', {
      limit: 1,
      afterId: '1',
      match: { colour: 'red' },
    });
    expect(first?.id).toBe('2');
  },
  'counts the documents of one scope and collection': async ({ documents }) => {
    expect(await documents.count(north, 'things')).toBe(0);
    await documents.put(north, 'things', '1', {});
    await documents.put(north, 'others', '1', {});
    await documents.put(south, 'things', '1', {});
    expect(await documents.count(north, 'things')).toBe(1);
  },
  'puts all or nothing': async ({ documents }) => {
    const good = { scope: north, id: 'one', document: { a: 1 } };
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    const bad = [good, { scope: south, id: 'two', document: cyclic }];
    await expect(documents.putAll('things', bad)).rejects.toThrow();
    await expect(documents.putAll('things', [good, { ...good, id: '' }])).rejects.toThrow();
    expect(await documents.get(north, 'things', 'one')).toBeNull();
    await documents.putAll('things', [good, { scope: south, id: 'two', document: { b: 2 } }]);
    expect(await documents.get(north, 'things', 'one')).toEqual({ a: 1 });
    expect(await documents.get(south, 'things', 'two')).toEqual({ b: 2 });
  },
  'scans every scope of a collection, each document once': async ({ documents }) => {
    const rows = Array.from({ length: 1203 }, (_, i) => ({
      scope: i % 3 === 0 ? north : south,
      id: `id-${i}`,
      document: { i },
    }));
    await documents.putAll('things', rows);
    await documents.put(north, 'others', 'one', {});
    const seen: string[] = [];
    for await (const page of documents.scan<{ i: number }>('things')) {
      seen.push(...page.map((row) => `${row.scope.tenantId} ${row.id} ${row.document.i}`));
    }
    const expected = rows.map((row) => `${row.scope.tenantId} ${row.id} ${row.document.i}`);
    expect(seen.toSorted()).toEqual(expected.toSorted());
  },
  'refuses an id that is not well-formed text': async ({ documents }) => {
    for (const id of ['', 'a\ud800']) {
      await expect(documents.put(north, 'things', id, {})).rejects.toMatchObject({
        code: 'ARGUMENT_INVALID',
      });
      await expect(documents.insert(north, 'things', id, {})).rejects.toMatchObject({
        code: 'ARGUMENT_INVALID',
      });
    }
    expect(await documents.count(north, 'things')).toBe(0);
  },
  'shows another opener of the same storage what was written': async ({ documents, reopen }) => {
    await using other = await reopen();
    await other.put(north, 'things', 'one', { by: 'other' });
    expect(await documents.get(north, 'things', 'one')).toEqual({ by: 'other' });
  },
  'has everything after it was closed and opened again': async ({ documents, reopen }) => {
    await documents.put(north, 'things', 'one', { a: 1 });
    await documents[Symbol.asyncDispose]();
    await using again = await reopen();
    expect(await again.get(north, 'things', 'one')).toEqual({ a: 1 });
  },
  'closes twice, and refuses calls from then on': async ({ documents }) => {
    await documents[Symbol.asyncDispose]();
    await documents[Symbol.asyncDispose]();
    await expect(documents.put(north, 'things', 'one', {})).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    await expect(documents.get(north, 'things', 'one')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  },
};

/** The laws of `DocumentStore`, run on one engine. */
export function describeDocuments(
  name: string,
  options: { readonly create: () => Promise<DocumentsSubject>; readonly deviations?: Deviations },
): void {
  describeLaws(`documents on ${name}`, laws, options);
}
