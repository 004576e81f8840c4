import { randomBytes } from 'node:crypto';

import { createTokens, type Tokens } from '../agent-gateway/tokens.ts';
import type { DocumentStore } from '../stores/documents.ts';
import type { Clock } from '../streams/clock.ts';

export function openTokens(documents: DocumentStore, clock: Clock): Tokens {
  return createTokens({ documents, clock, randomBytes });
}
