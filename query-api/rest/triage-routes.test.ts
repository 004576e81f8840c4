import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { streamedAlert } from '../../stores/alert.fixture.ts';
import { enrichedEvent, eventIdOf } from '../../tests/query-api/enriched-events.ts';
import { openPopulatedRest, type PopulatedRest } from '../../tests/query-api/populated-rest.ts';

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

function post(token: string, accept = 'application/json', incidentId = 'a1') {
  const headers = { authorization: `Bearer ${token}`, accept };
  return rest.app.inject({
    method: 'POST',
    url: `/api/v1/incidents/${incidentId}/triage`,
    headers,
    payload: {},
  });
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
