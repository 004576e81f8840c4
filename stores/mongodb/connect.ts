import { type Collection, type Db, MongoClient } from 'mongodb';

import type { ClientCertificate } from '../../contracts/certificates.ts';
import { messageOf, OpenFrameError } from '../../contracts/errors.ts';
import type { StoredDocument } from './stored-document.ts';
import { toStoreFault } from './store-fault.ts';

export interface MongoDocumentsOptions {
  /** `mongodb://user:password@host:27017,host:27017/?replicaSet=…`. */
  readonly url: string;
  /** What a server is shown that asks for it; where the address has connections encrypted. */
  readonly certificate?: ClientCertificate;
  readonly database: string;
  /** So long a call waits for a server, a connection or an answer, each. Default 5,000. */
  readonly timeoutMs?: number;
  /** Names the connections on the server. */
  readonly clientName?: string;
}

export interface MongoConnection {
  readonly client: MongoClient;
  readonly collection: Collection<StoredDocument>;
  /** The servers and the database; without user and password. */
  readonly where: string;
}

/** The layout this version writes; a database with a higher number was written by a newer OpenFrame. */
const layoutVersion = 1;

/** Opens the database and makes what is missing in it. Leaves nothing open where it throws. */
export async function connect(options: MongoDocumentsOptions): Promise<MongoConnection> {
  const client = clientOf(options);
  const { hosts, srvHost } = client.options;
  const where = `${srvHost ?? hosts.map(String).join(', ')}/${options.database}`;
  try {
    await client.connect();
    const database = client.db(options.database);
    await checkLayout(database, where);
    const collection = database.collection<StoredDocument>('documents');
    await collection.createIndex({ collection: 1, tenant: 1, id: 1 }, { unique: true, name: 'by_name' });
    await collection.createIndex({ collection: 1, tenant: 1, match: 1, id: 1 }, { name: 'by_match' });
    return { client, collection, where };
  } catch (error) {
    await client.close();
    throw toStoreFault(error, 'open', where);
  }
}

function clientOf({ url, certificate, timeoutMs = 5_000, clientName }: MongoDocumentsOptions): MongoClient {
  try {
    return new MongoClient(url, {
      ...certificate,
      ...(clientName === undefined ? {} : { appName: clientName }),
      serverSelectionTimeoutMS: timeoutMs,
      connectTimeoutMS: timeoutMs,
      socketTimeoutMS: timeoutMs,
      waitQueueTimeoutMS: timeoutMs,
      maxPoolSize: 20,
      retryWrites: true,
      writeConcern: { w: 'majority', journal: true, wtimeoutMS: timeoutMs },
      readConcern: { level: 'majority' },
      readPreference: 'primary',
    });
  } catch (error) {
    throw new OpenFrameError(
      'CONFIGURATION_INVALID',
      `The address of MongoDB cannot be used (${messageOf(error)}): write mongodb://host:port.`,
      { cause: error },
    );
  }
}

async function checkLayout(database: Db, where: string): Promise<void> {
  const layouts = database.collection<{ _id: string; version: number }>('layout');
  const found = await layouts.findOne({ _id: 'documents' });
  if (found === null) {
    await layouts.updateOne({ _id: 'documents' }, { $max: { version: layoutVersion } }, { upsert: true });
  } else if (found.version > layoutVersion) {
    throw new OpenFrameError(
      'DATA_FOLDER_TOO_NEW',
      `${where} has layout ${found.version} and this version knows ${layoutVersion}: start the newer OpenFrame.`,
      { details: { found: found.version, known: layoutVersion } },
    );
  }
}
