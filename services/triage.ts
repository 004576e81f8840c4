import { randomBytes, randomInt, randomUUID } from 'node:crypto';

import type { TriageMaker } from '../alerting/triage.ts';
import type { DocumentStore } from '../stores/documents.ts';
import { createTokenLedger } from '../stores/token-ledger.ts';
import type { Clock } from '../streams/clock.ts';
import { createRandom } from '../streams/random.ts';
import { triageOptionsOf, type TriageSettings } from './triage-settings.ts';

/** Who may be asked about incidents: null without a key. Throws `CONFIGURATION_INVALID` where its file cannot be read. */
export async function openTriageMaker(
  settings: TriageSettings,
  documents: DocumentStore,
  clock: Clock,
): Promise<TriageMaker | null> {
  const options = triageOptionsOf(settings);
  if (options === null) return null;
  // A platform without a key does not load the client.
  const { createLlmTriage } = await import('../alerting/llm/triage.ts');
  const tokensPerDay = settings.OPENFRAME_TRIAGE_TOKENS_PER_DAY;
  return createLlmTriage({
    ...options,
    ledger: createTokenLedger({ documents, clock, newId: randomUUID, tokensPerDay }),
    clock,
    random: createRandom(randomInt(2 ** 32)),
    newNonce: () => randomBytes(16).toString('hex'),
  });
}
