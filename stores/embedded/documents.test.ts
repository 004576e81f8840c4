import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';

import { describeDocuments } from '../../conformance/documents.ts';
import { createEmbeddedDocuments } from './documents.ts';

async function tempFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'openframe-documents-'));
  return {
    path: join(folder, 'documents.sqlite'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

describeDocuments('SQLite', {
  create: async () => {
    const folder = await tempFolder();
    const documents = createEmbeddedDocuments(folder);
    return {
      documents,
      reopen: async () => createEmbeddedDocuments(folder),
      async [Symbol.asyncDispose]() {
        await documents[Symbol.asyncDispose]();
        await folder[Symbol.asyncDispose]();
      },
    };
  },
});

it('refuses a file that a newer version wrote', async () => {
  await using folder = await tempFolder();
  const newer = new DatabaseSync(folder.path);
  newer.exec('PRAGMA user_version = 99');
  newer.close();
  expect(() => createEmbeddedDocuments(folder)).toThrowError(
    expect.objectContaining({ code: 'DATA_FOLDER_TOO_NEW' }),
  );
});
