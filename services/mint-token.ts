import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { MintOptions } from '../agent-gateway/tokens.ts';
import { createSystemClock } from '../streams/clock.ts';
import { runningServer } from './data-folder.ts';
import { distributedEngines } from './engines-distributed.ts';
import { openEmbeddedDocuments } from './engines-embedded.ts';
import { createOperationsClient } from './operations-client.ts';
import { readSettings } from './settings.ts';
import { openTokens } from './tokens.ts';

/**
 * Makes a token, whether or not a server runs: where one runs on real engines it is asked, since it knows them;
 * else the token goes to the documents of the profile, the folder's file or MongoDB.
 */
export async function mintToken(dataDir: string, request: MintOptions): Promise<{ readonly token: string }> {
  const clock = createSystemClock();
  const server = runningServer(dataDir);
  if (server?.profile === 'distributed') return createOperationsClient(server).mintToken(request);
  const settings = readSettings();
  if (server === null && settings.OPENFRAME_PROFILE === 'distributed') {
    await using documents = await distributedEngines(settings, { clock, role: 'operator' }).documents();
    return await openTokens(documents, clock).mint(request);
  }
  mkdirSync(dataDir, { recursive: true });
  await using documents = openEmbeddedDocuments((name) => join(dataDir, name));
  return await openTokens(documents, clock).mint(request);
}
