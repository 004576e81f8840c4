import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { fails, type MessagesApi, says, startMessagesApi } from '../../alerting/llm/messages-api.fixture.ts';
import { createLlmTriage } from '../../alerting/llm/triage.ts';
import type { Findings } from '../../contracts/triage.ts';
import { streamedAlert } from '../../stores/alert.fixture.ts';
import { createTokenLedger } from '../../stores/token-ledger.ts';
import { createRandom } from '../../streams/random.ts';
import { enrichedEvent, eventIdOf } from '../../tests/query-api/enriched-events.ts';
import { openPopulatedRest, type PopulatedRest } from '../../tests/query-api/populated-rest.ts';
import { createRestApp } from '../../tests/query-api/rest-app.ts';

let rest: PopulatedRest;
const edge = { kind: 'same-device', alertId: 'a1', gapMs: 1000 } as const;

beforeAll(async () => {
  rest = await openPopulatedRest();
  await rest.stores.alerts.save([
    streamedAlert(1),
    streamedAlert(2, { incident: { incidentId: 'a1', edge } }),
    streamedAlert(9, { tenantId: 'umbrella', deviceId: 'u1' }),
  ]);
  await rest.stores.store([
    enrichedEvent(31, {
      eventType: 'SOFTWARE_UPDATED',
      summary: 'agent 2.0',
      eventTime: Date.parse('2026-01-31T07:30:00Z'),
    }),
    enrichedEvent(32, { severity: 'WARNING', summary: 'disk is slow' }),
    enrichedEvent(33, { severity: 'WARNING', summary: 'of another', tenantId: 'umbrella' }),
  ]);
});
afterAll(() => rest[Symbol.asyncDispose]());

function post(token: string, accept = 'application/json', incidentId = 'a1', app = rest.app) {
  const headers = { authorization: `Bearer ${token}`, accept };
  return app.inject({ method: 'POST', url: `/api/v1/incidents/${incidentId}/triage`, headers, payload: {} });
}

describe('without a model', () => {
  it('is deterministic, labelled so, and every claim leads to a row of the evidence', async () => {
    const triage = await rest.answer('/incidents/a1/triage');
    expect(triage).toMatchObject({
      ...{ madeBy: 'deterministic', model: null, fallback: null, current: true, struck: 0 },
      tokens: { input: 0, output: 0, costUsd: null },
      evidence: [
        { id: 'A1', alertId: 'a1' },
        { id: 'A2', alertId: 'a2' },
        { id: 'X1', kind: 'edge', alertId: 'a2' },
        { id: 'D1', kind: 'device', deviceId: 'd1' },
        { id: 'E1', eventId: eventIdOf(31), text: 'A change before: INFO SOFTWARE_UPDATED: agent 2.0' },
        { id: 'E2', eventId: eventIdOf(32) },
      ],
      hypotheses: [
        {
          cause: expect.stringContaining('change') as unknown,
          because: [{ evidence: ['E1'] }, { evidence: ['A1'] }],
        },
        { cause: expect.stringContaining('One fault') as unknown },
      ],
    });
  });

  it('says why no model was asked when one is asked for, as JSON and as a stream', async () => {
    const asked = await post('acme.technician');
    expect(asked.json()).toMatchObject({ madeBy: 'deterministic', fallback: { reason: 'no-key' } });
    const streamed = await post('acme.technician', 'text/event-stream');
    expect(streamed.headers['content-type']).toContain('text/event-stream');
    expect(streamed.body).toMatch(/^event: triage\ndata: \{.*"reason":"no-key".*\}\n\n$/);
  });

  it('is read by every reader, and asked for by those who may act', async () => {
    expect((await rest.get('/incidents/a1/triage', 'acme.analyst')).statusCode).toBe(200);
    expect((await post('acme.analyst')).json()).toMatchObject({ code: 'ROLE_NOT_ALLOWED' });
  });

  it.each(['application/json', 'text/event-stream'])('is the tenant’s alone: %s', async (accept) => {
    expect((await rest.get('/incidents/a9/triage')).statusCode).toBe(404);
    expect((await post('acme.technician', accept, 'a9')).statusCode).toBe(404);
  });
});

describe('with a model', () => {
  let api: MessagesApi;
  let app: FastifyInstance;

  beforeAll(async () => {
    api = await startMessagesApi();
    const { clock, documents } = rest.stores;
    const maker = createLlmTriage({
      ...{ apiKey: 'key', baseUrl: api.url, model: 'model-1', timeoutMs: 30_000, prices: null },
      ledger: createTokenLedger({ documents, clock, newId: randomUUID, tokensPerDay: 1_000_000 }),
      ...{ clock, random: createRandom(1), newNonce: () => 'f'.repeat(32) },
    });
    app = await createRestApp(rest.stores, undefined, maker);
  });
  afterAll(async () => {
    await app.close();
    await api[Symbol.asyncDispose]();
  });

  async function answerOf(of: FastifyInstance) {
    const headers = { authorization: 'Bearer acme.analyst' };
    const answer = await of.inject({ url: '/api/v1/incidents/a1/triage', headers });
    return answer.json<{ model: object }>();
  }

  const claim = (text: string, ...evidence: readonly string[]) => ({ text, evidence: [...evidence] });
  const told = (changes: Partial<Findings>) =>
    says(
      JSON.stringify({
        ...{ summary: [claim('true', 'A1')], hypotheses: [], nextCheck: null, cannotBeTold: null },
        ...changes,
      }),
    );

  it('is given the evidence of its own tenant alone', async () => {
    api.answer(fails(401, 'authentication_error'));
    await post('acme.technician', 'application/json', 'a1', app);
    const question = JSON.stringify(api.asked.at(-1));
    expect(question).toContain('disk is slow');
    expect(question).not.toMatch(/umbrella|of another|u1/);
  });

  it.each([
    ['not-allowed', fails(401, 'authentication_error')],
    ['refused', says('no', { stopReason: 'refusal' })],
    ['malformed', says('{')],
    ['unfounded', told({ summary: [claim('of another tenant', 'a9'), claim('made up', 'A7')] })],
  ])('that did not make it is replaced by the rules, with the reason: %s', async (reason, answer) => {
    api.answer(answer);
    const triage = (await post('acme.technician', 'application/json', 'a1', app)).json<object>();
    expect(triage).toMatchObject({ madeBy: 'deterministic', fallback: { reason }, cached: false });
    // What the question took in the end is told, not what was set aside for it.
    const { model } = await answerOf(app);
    expect(triage).toMatchObject({ model });
    expect(JSON.stringify(triage)).not.toMatch(/of another tenant|made up|northern/);
  });

  it('makes it in steps that are told, and what cites no given row is struck out', async () => {
    const ghost = { cause: 'ghost', likelihood: 'likely' as const, because: [claim('of umbrella', 'a9')] };
    const disk = { cause: 'disk', likelihood: 'possible' as const, because: [claim('slow', 'E2', 'A1')] };
    api.answer(told({ hypotheses: [ghost, disk], nextCheck: claim('run this', 'E99') }));
    const { body } = await post('acme.technician', 'text/event-stream', 'a1', app);
    expect(body).toMatch(/^event: progress\ndata: \{"stage":"asking","attempt":1,"received":0\}\n\n/);
    expect(body).not.toMatch(/ghost|of umbrella|run this/);
    const last = /event: triage\ndata: (.*)\n\n$/.exec(body)?.[1] ?? '';
    expect(JSON.parse(last)).toMatchObject({
      ...{ madeBy: 'model-1', struck: 2, fallback: null, nextCheck: null, cannotBeTold: null, current: true },
      hypotheses: [{ cause: 'disk', because: [{ evidence: ['E2', 'A1'] }] }],
      model: { name: 'model-1', tokensLeft: expect.any(Number) as unknown },
    });
  });

  it('is not asked again about the same evidence, and is when there is more', async () => {
    const before = api.asked.length;
    expect((await post('acme.operator', 'application/json', 'a1', app)).json()).toMatchObject({
      ...{ madeBy: 'model-1', cached: true, current: true },
    });
    expect(api.asked.length).toBe(before);
    await rest.stores.alerts.save([streamedAlert(3, { incident: { incidentId: 'a1', edge } })]);
    expect(await rest.answer('/incidents/a1/triage')).toMatchObject({ madeBy: 'model-1', current: false });
    api.answer(told({ cannotBeTold: 'too little is known' }));
    expect((await post('acme.operator', 'application/json', 'a1', app)).json()).toMatchObject({
      ...{ cached: false, current: true, hypotheses: [], cannotBeTold: 'too little is known' },
    });
    expect(api.asked.length).toBe(before + 1);
  });
});
