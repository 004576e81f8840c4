import { Anthropic } from '@anthropic-ai/sdk';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';

import type { TenantScope } from '../../contracts/tenant.ts';
import { type Findings, findingsSchema, type Triage } from '../../contracts/triage.ts';
import type { TokenLedger } from '../../stores/token-ledger.ts';
import type { Clock } from '../../streams/clock.ts';
import type { Random } from '../../streams/random.ts';
import type { IncidentEvidence, MakerStep, TriageMaker, TriageOutcome } from '../triage.ts';
import { askOnce, type Heard, nothingHeard } from './ask-once.ts';
import { startDeadline } from './deadline.ts';
import { type ModelFault, modelFaultOf } from './model-fault.ts';
import { fencePrompt, instructions } from './prompt.ts';
import { readAnswer } from './read-answer.ts';

const mostTries = 3;
const firstPauseMs = 1_000;
const mostAnswerTokens = 4_000;
/** What the API adds to a question for its form, generously. */
const formTokens = 2_000;

export interface LlmTriageOptions {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly model: string;
  /** For a question with all of its tries. */
  readonly timeoutMs: number;
  /** US dollars for a million tokens; null where no cost is told. */
  readonly prices: { readonly input: number; readonly output: number } | null;
}

export interface LlmTriageDeps extends LlmTriageOptions {
  readonly ledger: TokenLedger;
  readonly clock: Clock;
  readonly random: Random;
  /** 32 hexadecimal digits that nobody can foresee, new at each call. */
  readonly newNonce: () => string;
}

/**
 * Triage by a model behind the Messages API (https://docs.anthropic.com/en/api/messages), streamed. At most three tries
 * within the time-out, after what the API says or after 1 s and 2 s, up to a quarter less at random; an answer that began
 * is not asked for again. Tokens are set aside before, as many as the question can take, and settled by what the API
 * counted.
 */
export function createLlmTriage(deps: LlmTriageDeps): TriageMaker {
  const client = openClient(deps);
  return {
    name: deps.model,
    tokensLeft: (scope) => deps.ledger.left(scope),
    make: (scope, evidence, signal) => make(deps, client, { scope, evidence, signal }),
  };
}

function openClient({ apiKey, baseUrl, timeoutMs }: LlmTriageOptions): Anthropic {
  return new Anthropic({
    ...{ apiKey, baseURL: baseUrl, timeout: timeoutMs },
    // Tries and pauses are ours, so that a test owns their time.
    ...{ maxRetries: 0, authToken: null, webhookKey: null, logLevel: 'off', openTelemetry: false },
    // A key goes where it was meant to go.
    fetchOptions: { redirect: 'error' },
  });
}

function questionOf({ model, newNonce }: LlmTriageDeps, evidence: IncidentEvidence) {
  const { before, evidence: fenced, after } = fencePrompt(evidence, newNonce());
  const { type, schema } = zodOutputFormat(findingsSchema);
  return {
    model,
    max_tokens: mostAnswerTokens,
    system: instructions,
    messages: [
      {
        role: 'user' as const,
        content: [before, fenced, after].map((text) => ({ type: 'text' as const, text })),
      },
    ],
    output_config: { format: { type, schema } },
  };
}

interface Asked {
  readonly scope: TenantScope;
  readonly evidence: IncidentEvidence;
  readonly signal: AbortSignal;
}

/** What a question took so far. `charged` stands in the budget, with what is in doubt. */
interface Bill {
  charged: number;
  input: number;
  output: number;
}

async function* make(
  deps: LlmTriageDeps,
  client: Anthropic,
  { scope, evidence, signal }: Asked,
): AsyncGenerator<MakerStep> {
  const question = questionOf(deps, evidence);
  // No token is shorter than a byte.
  const most = Buffer.byteLength(JSON.stringify(question)) + formTokens + mostAnswerTokens;
  const reserved = await deps.ledger.reserve(scope, most);
  if (reserved === null) {
    const message =
      'The tokens that this tenant may use today are gone, or too few are left for this incident.';
    yield { kind: 'outcome', outcome: { kind: 'not-made', reason: 'budget-gone', message } };
    return;
  }
  const bill: Bill = { charged: 0, input: 0, output: 0 };
  let outcome: TriageOutcome | null = null;
  try {
    outcome = yield* tries(deps, { client, question, signal, most, bill });
  } finally {
    await reserved.settle(bill.charged);
  }
  if (outcome !== null) yield { kind: 'outcome', outcome };
}

interface Trying {
  readonly client: Anthropic;
  readonly question: ReturnType<typeof questionOf>;
  readonly signal: AbortSignal;
  readonly most: number;
  readonly bill: Bill;
}

/** Null where whoever asked is gone. */
async function* tries(deps: LlmTriageDeps, trying: Trying): AsyncGenerator<MakerStep, TriageOutcome | null> {
  const { clock, timeoutMs } = deps;
  const { signal, bill } = trying;
  await using deadline = startDeadline(clock, timeoutMs);
  const either = AbortSignal.any([signal, deadline.signal]);
  for (let attempt = 1; ; attempt++) {
    const { heard, said } = yield* oneTry({ ...trying, signal: either, clock }, attempt);
    if (signal.aborted) return null;
    if (!('reason' in said)) return { kind: 'made', findings: said, tokens: tokensOf(bill, deps) };
    const fault = deadline.signal.aborted ? tooLate(timeoutMs) : said;
    const pauseMs = pauseAfter(fault, { heard, attempt, random: deps.random });
    if (pauseMs === null || pauseMs >= deadline.leftMs())
      return { kind: 'not-made', reason: fault.reason, message: fault.message };
    yield { kind: 'progress', stage: 'waiting', attempt, received: 0 };
    await clock.sleep(pauseMs, either);
  }
}

interface Try {
  readonly heard: Heard;
  readonly said: Findings | ModelFault;
}

/** Asks once and keeps the bill: whole while it is in doubt, then by what was heard. */
async function* oneTry(
  { client, question, signal, most, bill, clock }: Trying & { readonly clock: Clock },
  attempt: number,
): AsyncGenerator<MakerStep, Try> {
  const heard = nothingHeard();
  const before = bill.charged;
  bill.charged = before + most;
  yield { kind: 'progress', stage: 'asking', attempt, received: 0 };
  let said: Try['said'];
  try {
    for await (const received of askOnce(client, question, signal, heard))
      yield { kind: 'progress', stage: 'answering', attempt, received };
    said = readAnswer(heard);
  } catch (error) {
    said = modelFaultOf(error, clock.nowMs());
  }
  bill.input += heard.inputTokens;
  bill.output += heard.outputTokens;
  if (!signal.aborted || heard.ended) bill.charged = before + chargeOf(heard);
  return { heard, said };
}

/** What was refused before it began is not paid for; what broke off may have gone on unheard. */
function chargeOf({ started, ended, inputTokens, outputTokens }: Heard): number {
  if (!started) return 0;
  return inputTokens + (ended ? outputTokens : mostAnswerTokens);
}

/** Null where another try is no use. */
function pauseAfter(
  { again }: ModelFault,
  { heard, attempt, random }: { readonly heard: Heard; readonly attempt: number; readonly random: Random },
): number | null {
  if (again === null || heard.started || attempt >= mostTries) return null;
  return again.afterMs ?? firstPauseMs * 2 ** (attempt - 1) * (1 - random.next() / 4);
}

function tooLate(timeoutMs: number): ModelFault {
  const message = `The model did not answer within ${Math.round(timeoutMs / 1000)} s.`;
  return { reason: 'timed-out', message, again: null };
}

function tokensOf({ input, output }: Bill, { prices }: LlmTriageDeps): Triage['tokens'] {
  const costUsd = prices === null ? null : (input * prices.input + output * prices.output) / 1e6;
  return { input, output, costUsd };
}
