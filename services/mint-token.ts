import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { MintOptions } from '../agent-gateway/tokens.ts';
import { createSystemClock } from '../streams/clock.ts';
import { openEmbeddedDocuments } from './engines-embedded.ts';
import { openTokens } from './stores.ts';

/** Makes a token in a data folder, whether or not a server runs on it. */
export async function mintToken(dataDir: string, request: MintOptions): Promise<{ readonly token: string }> {
  mkdirSync(dataDir, { recursive: true });
  const clock = createSystemClock();
  await using documents = openEmbeddedDocuments((name) => join(dataDir, name));
  return await openTokens(documents, clock).mint(request);
}
