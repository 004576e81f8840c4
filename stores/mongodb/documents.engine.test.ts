import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { expect, it } from 'vitest';

import { describeDocuments } from '../../conformance/documents.ts';
import { engineAddresses } from '../../tests/engines/engine-addresses.ts';
import { createTcpForwarder } from '../tcp-forwarder.fixture.ts';
import { createMongoDocuments } from './documents.ts';

const url = engineAddresses().OPENFRAME_MONGODB_URL;
const scope = { tenantId: 'north' };

/** A database of its own, which goes with the test. */
async function ownDatabase(): Promise<
  { readonly client: MongoClient; readonly name: string } & AsyncDisposable
> {
  const client = await MongoClient.connect(url);
  const name = `openframe_test_${randomUUID().replaceAll('-', '')}`;
  return {
    client,
    name,
    async [Symbol.asyncDispose]() {
      await client.db(name).dropDatabase();
      await client.close();
    },
  };
}

describeDocuments('MongoDB', {
  create: async () => {
    const database = await ownDatabase();
    // As long as a busy machine may take: the laws are not about time.
    const open = () => createMongoDocuments({ url, database: database.name, timeoutMs: 30_000 });
    const documents = await open();
    return {
      documents,
      reopen: open,
      async [Symbol.asyncDispose]() {
        await documents[Symbol.asyncDispose]();
        await database[Symbol.asyncDispose]();
      },
    };
  },
});

it('keeps any key and any text of a document', async () => {
  await using database = await ownDatabase();
  await using documents = await createMongoDocuments({ url, database: database.name });
  const hostile = JSON.parse(
    String.raw`{"$set":{"a.b":1},"":"x","__proto__":{"$where":"1"},"a\u0000b":"\u0000","lone":"\ud800","text":"mine"}`,
  ) as object;
  await documents.put(scope, 'things', 'a\u0000$b.c', hostile);
  const found = await documents.get(scope, 'things', 'a\u0000$b.c');
  expect(JSON.stringify(found)).toBe(JSON.stringify(hostile));
  const match = { lone: '\ud800', 'a\u0000b': '\u0000', '': 'x' };
  expect(await documents.list(scope, 'things', { limit: 2, match })).toHaveLength(1);
  expect(await documents.list(scope, 'things', { limit: 2, match: { lone: '\ufffd' } })).toEqual([]);
});

it('finds what matches in a text of any length', async () => {
  await using database = await ownDatabase();
  await using documents = await createMongoDocuments({ url, database: database.name });
  const long = 'x'.repeat(100_000);
  await documents.put(scope, 'things', '1', { long });
  expect(await documents.list(scope, 'things', { limit: 2, match: { long } })).toHaveLength(1);
  expect(await documents.list(scope, 'things', { limit: 2, match: { long: `${long}x` } })).toEqual([]);
});

it('refuses a document that no server would take', async () => {
  await using database = await ownDatabase();
  await using documents = await createMongoDocuments({ url, database: database.name });
  const tooLarge = documents.put(scope, 'things', '1', { text: 'x'.repeat(16 * 1024 * 1024) });
  await expect(tooLarge).rejects.toMatchObject({ code: 'ARGUMENT_INVALID', retryable: false });
});

it('keeps one document of those that many put at the same time', async () => {
  await using database = await ownDatabase();
  await using one = await createMongoDocuments({ url, database: database.name });
  await using other = await createMongoDocuments({ url, database: database.name });
  const puts = Array.from({ length: 40 }, (_, i) =>
    (i % 2 === 0 ? one : other).put(scope, 'things', '1', { i }),
  );
  await Promise.all(puts);
  expect(await one.count(scope, 'things')).toBe(1);
});

it('opens once more, by several at the same time, without a change', async () => {
  await using database = await ownDatabase();
  const open = () => createMongoDocuments({ url, database: database.name });
  for (const documents of await Promise.all([open(), open(), open()])) await documents[Symbol.asyncDispose]();
  const indexes = await database.client.db(database.name).collection('documents').indexes();
  expect(indexes.map(({ name }) => name).toSorted()).toEqual(['_id_', 'by_match', 'by_name']);
});

it('throws what is worth a repeat while the server is away, and goes on when it is back', async () => {
  await using database = await ownDatabase();
  await using forwarder = await createTcpForwarder(url);
  const away = { url: `mongodb://${forwarder.address}`, database: database.name, timeoutMs: 500 };
  await using documents = await createMongoDocuments(away);
  await documents.put(scope, 'things', '1', { a: 1 });
  forwarder.cut();
  for (const call of [
    () => documents.get(scope, 'things', '1'),
    () => documents.put(scope, 'things', '1', { a: 2 }),
  ])
    await expect(call()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
  forwarder.restore();
  await expect
    .poll(() => documents.get(scope, 'things', '1').catch(() => null), { timeout: 20_000 })
    .toEqual({ a: 1 });
});

it('says at the start where no server answers, without the password', async () => {
  const nowhere = 'mongodb://user:secret@127.0.0.1:1';
  const opened = createMongoDocuments({ url: nowhere, database: 'openframe', timeoutMs: 300 });
  await expect(opened).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
  await expect(opened).rejects.toThrow(/127\.0\.0\.1:1\/openframe/);
  await expect(opened).rejects.not.toThrow(/secret/);
});

it('says at the start that an address is none, and that a layout is too new', async () => {
  await expect(createMongoDocuments({ url: 'nonsense', database: 'openframe' })).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    retryable: false,
  });
  await using database = await ownDatabase();
  const layouts = database.client.db(database.name).collection<{ _id: string; version: number }>('layout');
  await layouts.insertOne({ _id: 'documents', version: 99 });
  await expect(createMongoDocuments({ url, database: database.name })).rejects.toMatchObject({
    code: 'DATA_FOLDER_TOO_NEW',
  });
});
