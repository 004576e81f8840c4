import type { AnyBulkWriteOperation, Collection } from 'mongodb';

import type { DocumentScope, DocumentStore, ScopedDocument } from '../documents.ts';
import { connect, type MongoDocumentsOptions } from './connect.ts';
import { checkedName, matchTexts, type StoredDocument, toStored } from './stored-document.ts';
import { isDuplicate, storeClosed, toStoreFault } from './store-fault.ts';

const scanPageSize = 500;
/** Two that insert the same new id at the same time: the one that comes second finds it at its next try. */
const maxUpsertTries = 3;

interface Store {
  /** Runs one call; what fails is a `STORE_UNAVAILABLE`. */
  run<T>(what: string, call: (stored: Collection<StoredDocument>) => Promise<T>): Promise<T>;
}

/**
 * Documents in one collection of a MongoDB database (4.2 or newer), written and read with majority concern:
 * what resolved outlives the primary. The JSON text of a document is kept as it is, so any key and any string
 * come back. Ids are ordered by their UTF-8 bytes. `putAll` checks all documents before it writes the first,
 * in order and without a transaction: where the server goes away in the middle it throws, the first ones may
 * be stored, and the call is to be repeated.
 *
 * Rejects with a retryable `STORE_UNAVAILABLE` where no server answers within `timeoutMs`, with
 * `CONFIGURATION_INVALID` where the address is none or the user may not, with `DATA_FOLDER_TOO_NEW` for a
 * newer layout. Calls throw a retryable `STORE_UNAVAILABLE` while the server is away, and connect again by
 * themselves; `ARGUMENT_INVALID` for an id that is not well-formed.
 */
export async function createMongoDocuments(options: MongoDocumentsOptions): Promise<DocumentStore> {
  const { client, collection: stored, where } = await connect(options);
  let closed = false;
  const store: Store = {
    async run(what, call) {
      if (closed) throw storeClosed(where);
      try {
        return await call(stored);
      } catch (error) {
        throw toStoreFault(error, what, where);
      }
    },
  };
  return {
    get: async <T extends object>(scope: DocumentScope, collection: string, id: string) => {
      const name = checkedName(scope, collection, id);
      const found = await store.run('get', (documents) => documents.findOne(name));
      return found === null ? null : (JSON.parse(found.text) as T);
    },
    put: async (scope, collection, id, document) => {
      await putAll(store, collection, [{ scope, id, document }]);
    },
    putAll: (collection, documents) => putAll(store, collection, documents),
    insert: async (scope, collection, id, document) => {
      const row = toStored(scope, collection, id, document);
      return store.run('insert', async (documents) => {
        try {
          await documents.insertOne(row);
          return true;
        } catch (error) {
          if (isDuplicate(error)) return false;
          throw error;
        }
      });
    },
    delete: async (scope, collection, id) => {
      const name = checkedName(scope, collection, id);
      const { deletedCount } = await store.run('delete', (documents) => documents.deleteOne(name));
      return deletedCount === 1;
    },
    list: <T extends object>(
      scope: DocumentScope,
      collection: string,
      options: Parameters<DocumentStore['list']>[2],
    ) => list<T>(store, scope, collection, options),
    count: (scope, collection) =>
      store.run('count', (documents) => documents.countDocuments({ collection, tenant: scope.tenantId })),
    scan: <T extends object>(collection: string) => scan<T>(store, collection),
    async [Symbol.asyncDispose]() {
      if (closed) return;
      closed = true;
      await client.close();
    },
  };
}

async function putAll(store: Store, collection: string, documents: readonly ScopedDocument[]): Promise<void> {
  const writes = documents.map(({ scope, id, document }): AnyBulkWriteOperation<StoredDocument> => {
    const filter = checkedName(scope, collection, id);
    return { replaceOne: { filter, replacement: toStored(scope, collection, id, document), upsert: true } };
  });
  if (writes.length === 0) return;
  await store.run('put', async (stored) => {
    for (let tries = 1; ; tries++) {
      try {
        return await stored.bulkWrite(writes);
      } catch (error) {
        if (!isDuplicate(error) || tries === maxUpsertTries) throw error;
      }
    }
  });
}

async function list<T extends object>(
  store: Store,
  scope: DocumentScope,
  collection: string,
  { limit, afterId, match = {} }: Parameters<DocumentStore['list']>[2],
): Promise<readonly { readonly id: string; readonly document: T }[]> {
  // To MongoDB a limit of 0 is none.
  if (limit <= 0) return [];
  const wanted = matchTexts(match);
  const filter = {
    collection,
    tenant: scope.tenantId,
    id: { $gt: afterId ?? '' },
    ...(wanted.length === 0 ? {} : { match: { $all: wanted } }),
  };
  const rows = await store.run('list', (stored) =>
    stored.find(filter).sort({ id: 1 }).limit(limit).toArray(),
  );
  return rows.map(({ id, text }) => ({ id, document: JSON.parse(text) as T }));
}

async function* scan<T extends object>(
  store: Store,
  collection: string,
): AsyncGenerator<readonly { readonly scope: DocumentScope; readonly id: string; readonly document: T }[]> {
  let tenant = '';
  let id = '';
  for (;;) {
    const after = { $or: [{ tenant: { $gt: tenant } }, { tenant, id: { $gt: id } }] };
    const rows = await store.run('scan', (stored) =>
      stored
        .find({ collection, ...after })
        .sort({ tenant: 1, id: 1 })
        .limit(scanPageSize)
        .toArray(),
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.map((row) => ({
      scope: { tenantId: row.tenant },
      id: row.id,
      document: JSON.parse(row.text) as T,
    }));
    ({ tenant, id } = last);
  }
}
