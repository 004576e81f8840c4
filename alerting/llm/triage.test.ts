import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { Findings } from '../../contracts/triage.ts';
import { createEmbeddedDocuments } from '../../stores/embedded/documents.ts';
import { createTokenLedger } from '../../stores/token-ledger.ts';
import { createManualClock } from '../../streams/clock.ts';
import { createRandom } from '../../streams/random.ts';
import { alertRow, evidenceOf } from '../triage/evidence.fixture.ts';
import type { MakerStep, TriageOutcome } from '../triage.ts';
import { hostileTexts } from './hostile-texts.fixture.ts';
import {
  fails,
  inputTokens,
  type MessagesApi,
  outputTokens,
  says,
  startMessagesApi,
} from './messages-api.fixture.ts';
import { instructions } from './prompt.ts';
import { createLlmTriage } from './triage.ts';

const scope = { tenantId: 'acme' };
const evidence = evidenceOf([alertRow(1), alertRow(2)]);
const findings: Findings = {
  summary: [{ text: 'Two alerts.', evidence: ['A1', 'A2'] }],
  hypotheses: [
    { cause: 'A disk.', likelihood: 'likely', because: [{ text: 'It says so.', evidence: ['A1'] }] },
  ],
  nextCheck: { text: 'Look at the disk.', evidence: ['A1'] },
  cannotBeTold: null,
};
const answer = JSON.stringify(findings);
const budget = 100_000;

let api: MessagesApi;
beforeAll(async () => {
  api = await startMessagesApi();
});
afterAll(() => api[Symbol.asyncDispose]());

let clock: ReturnType<typeof createManualClock>;
let maker: ReturnType<typeof createLlmTriage>;
beforeEach(() => {
  clock = createManualClock(Date.UTC(2026, 0, 31, 8));
  maker = makerWith(budget);
});

function makerWith(tokensPerDay: number, url = api.url) {
  const documents = createEmbeddedDocuments({ path: ':memory:' });
  return createLlmTriage({
    ...{
      apiKey: 'key-1',
      baseUrl: url,
      model: 'model-1',
      timeoutMs: 30_000,
      prices: { input: 3, output: 15 },
    },
    ledger: createTokenLedger({ documents, clock, newId: randomUUID, tokensPerDay }),
    ...{ clock, random: createRandom(1), newNonce: () => 'f'.repeat(32) },
  });
}

/** Time passes once whoever runs now has gone to sleep. */
function passSoon(ms: number): void {
  setImmediate(() => {
    clock.advance(ms).catch(expect.unreachable);
  });
}

/** All steps of a question; its pauses pass at once. */
async function ask(
  given = evidence,
  of = scope,
  signal = new AbortController().signal,
): Promise<readonly MakerStep[]> {
  const steps: MakerStep[] = [];
  for await (const step of maker.make(of, given, signal)) {
    steps.push(step);
    // Whoever takes a step moves the clock on when it is told of a pause.
    if (step.kind === 'progress' && step.stage === 'waiting') passSoon(4_000);
  }
  return steps;
}

async function outcomeOf(given = evidence): Promise<TriageOutcome> {
  const last = (await ask(given)).at(-1);
  if (last?.kind !== 'outcome') throw new Error('There is no outcome.');
  return last.outcome;
}

describe('an answer', () => {
  it('is streamed, validated, and told with its tokens and their cost', async () => {
    const long = { ...findings, cannotBeTold: 'x'.repeat(1_000) };
    api.answer(says(JSON.stringify(long)));
    const steps = await ask();
    expect(steps.at(-1)).toEqual({
      kind: 'outcome',
      outcome: {
        ...{ kind: 'made', findings: long },
        tokens: {
          input: inputTokens,
          output: outputTokens,
          costUsd: (3 * inputTokens + 15 * outputTokens) / 1e6,
        },
      },
    });
    const received = steps.flatMap((step) => (step.kind === 'progress' ? [step.received] : []));
    expect(received.length).toBeGreaterThan(2);
    expect(received).toEqual(received.toSorted((a, b) => a - b));
    expect(await maker.tokensLeft(scope)).toBe(budget - inputTokens - outputTokens);
  });

  it('is asked for with the key, the model and a strict form', async () => {
    api.answer(says(answer));
    await ask();
    const question = api.asked.at(-1);
    expect(question).toMatchObject({ model: 'model-1', system: instructions });
    expect(question?.headers.authorization).toBe('Bearer key-1');
    expect(question?.output_config.format.schema).toMatchObject({
      type: 'object',
      additionalProperties: false,
      required: ['summary', 'hypotheses', 'nextCheck', 'cannotBeTold'],
    });
  });

  it.each([
    ['is refused by the model', says('I cannot', { stopReason: 'refusal' }), 'refused'],
    ['is no JSON', says('{"summary": [ oh'), 'malformed'],
    ['is prose around JSON', says(`Here you are:\n${answer}`), 'malformed'],
    ['has another form', says('{"summary":"all fine"}'), 'malformed'],
    ['has a form within a form', says(JSON.stringify({ ...findings, hypotheses: [findings] })), 'malformed'],
    ['is empty', says(''), 'malformed'],
    ['is cut by the limit of tokens', says(answer, { stopReason: 'max_tokens' }), 'malformed'],
    ['asks for a tool', says(answer, { stopReason: 'tool_use' }), 'malformed'],
    ['is cut within', says(answer, { cutAfter: 5 }), 'malformed'],
    ['is whole, and its stream cut before the end', says(answer, { cutAfter: 8 }), 'malformed'],
    [
      'is huge',
      says(JSON.stringify({ ...findings, cannotBeTold: 'x'.repeat(5_000_000) }), { pieces: 500 }),
      'malformed',
    ],
    ['is refused for the key', fails(401, 'authentication_error'), 'not-allowed'],
    ['is refused for the model', fails(404, 'not_found_error'), 'not-allowed'],
    ['is refused for the question', fails(400, 'invalid_request_error'), 'not-allowed'],
    ['is a redirect', fails(302, 'moved', { location: 'http://127.0.0.1:9/' }), 'unreachable'],
  ] as const)('that %s is none, and nothing of its text is told', async (_name, given, reason) => {
    api.answer(given);
    const outcome = await outcomeOf();
    expect(outcome).toMatchObject({ kind: 'not-made', reason });
    expect(JSON.stringify(outcome)).not.toMatch(/northern|key-1|all fine|Two alerts|xxx/);
  });

  it('that is no stream of events is none', async () => {
    api.answer((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end('event: message_start\ndata: {not json\n\nevent: content_block_delta\ndata: 7\n\n');
    });
    expect(await outcomeOf()).toMatchObject({ kind: 'not-made', reason: 'malformed' });
    api.answer((response) => response.end('<html>a proxy</html>'));
    expect(await outcomeOf()).toMatchObject({ kind: 'not-made', reason: 'malformed' });
  });
});

describe('an overloaded API', () => {
  it.each([
    ['429', fails(429, 'rate_limit_error', { 'retry-after': '3' })],
    ['529', fails(529, 'overloaded_error')],
    ['500', fails(500, 'api_error')],
    ['a lost connection', ((response) => void response.destroy()) satisfies ReturnType<typeof fails>],
  ])(
    'is asked again after a pause: %s',
    async (_name, busy) => {
      api.answer(busy, busy, says(answer));
      const steps = await ask();
      expect(steps.filter((step) => step.kind === 'progress' && step.stage === 'waiting')).toHaveLength(2);
      expect(steps.at(-1)).toMatchObject({ outcome: { kind: 'made' } });
      expect(await maker.tokensLeft(scope)).toBe(budget - inputTokens - outputTokens);
    },
    20_000,
  );

  it('is given up after three tries, which take nothing of the budget', async () => {
    api.answer(fails(529, 'overloaded_error'));
    const before = api.asked.length;
    expect(await outcomeOf()).toMatchObject({ reason: 'overloaded' });
    expect(api.asked.length - before).toBe(3);
    expect(await maker.tokensLeft(scope)).toBe(budget);
  });

  it('is given up at once where it says to come after the time-out', async () => {
    api.answer(fails(429, 'rate_limit_error', { 'retry-after': '3600' }));
    const before = api.asked.length;
    expect(await outcomeOf()).toMatchObject({ reason: 'overloaded' });
    expect(api.asked.length - before).toBe(1);
  });

  it('that gives up within its answer is not asked again, as what it began is paid for', async () => {
    api.answer(says(answer, { cutAfter: 5, error: 'overloaded_error' }));
    const before = api.asked.length;
    expect(await outcomeOf()).toMatchObject({ reason: 'overloaded' });
    expect(api.asked.length - before).toBe(1);
    expect(await maker.tokensLeft(scope)).toBeLessThan(budget - inputTokens);
  });
});

describe('time', () => {
  it('that is over ends the question, and what it may have taken stays taken', async () => {
    api.answer(() => passSoon(30_000));
    expect(await outcomeOf()).toMatchObject({
      reason: 'timed-out',
      message: 'The model did not answer within 30 s.',
    });
    expect(await maker.tokensLeft(scope)).toBeLessThan(budget);
  });

  it('ends early where whoever asked is gone', async () => {
    const gone = new AbortController();
    api.answer(() => gone.abort());
    expect((await ask(evidence, scope, gone.signal)).at(-1)).toMatchObject({
      kind: 'progress',
      stage: 'asking',
    });
  });
});

describe('the budget', () => {
  it('is a tenant’s for a day, and no question is asked that it may not hold', async () => {
    maker = makerWith(12_000);
    api.answer(says(answer));
    expect(await outcomeOf()).toMatchObject({ kind: 'made' });
    const before = api.asked.length;
    while ((await outcomeOf()).kind === 'made')
      expect(await maker.tokensLeft(scope)).toBeGreaterThanOrEqual(0);
    expect(api.asked.length - before).toBeLessThan(6);
    expect(await outcomeOf()).toMatchObject({ reason: 'budget-gone' });
    expect((await ask(evidence, { tenantId: 'umbrella' })).at(-1)).toMatchObject({
      outcome: { kind: 'made' },
    });
    await clock.advance(24 * 3_600_000);
    expect(await outcomeOf()).toMatchObject({ kind: 'made' });
  });

  it('holds however many ask at the same time', async () => {
    maker = makerWith(20_000);
    api.answer(says(answer));
    const all = await Promise.all(Array.from({ length: 10 }, () => outcomeOf()));
    const made = all.filter(({ kind }) => kind === 'made').length;
    expect(made).toBeLessThan(10);
    expect(await maker.tokensLeft(scope)).toBe(20_000 - made * (inputTokens + outputTokens));
  });
});

describe('hostile text of devices', () => {
  it.each(hostileTexts)('changes nothing of what the model is told: %j', async (text) => {
    api.answer(says(answer));
    await ask(evidenceOf([alertRow(1, { title: 'calm' })]));
    await ask(evidenceOf([alertRow(1, { title: text })]));
    const [calm, hostile] = api.asked.slice(-2).map(({ headers: _headers, messages, ...rest }) => {
      const [before, , after] = messages[0]?.content ?? [];
      return { ...rest, messages: messages.length, role: messages[0]?.role, before, after };
    });
    expect(hostile).toEqual(calm);
  });
});
