import type { TestGateway } from './gateway.fixture.ts';

/** A good event of device `d1`, with some fields replaced or (by undefined) left out. */
export function event(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    specversion: '1.0',
    id: 'e1',
    source: '/agents/d1',
    type: 'openframe.heartbeat',
    time: '2026-01-31T11:59:59.500Z',
    subject: 'd1',
    data: { uptimeMs: 5 },
    ...fields,
  };
}

export const lines = (...events: readonly unknown[]): string =>
  events.map((e) => `${JSON.stringify(e)}\n`).join('');

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: {
    readonly accepted?: number;
    readonly rejected?: readonly { index: number; code: string; message: string; field?: string }[];
    readonly code?: string;
    readonly detail?: string;
  };
}

/** Posts a body to the door, as NDJSON where the headers do not say otherwise. */
export async function post(
  { app }: TestGateway,
  payload: string | Buffer,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  const response = await app.inject({
    method: 'POST',
    url: '/ingest/v1/events',
    headers: { 'content-type': 'application/x-ndjson', ...headers },
    payload,
  });
  return { status: response.statusCode, headers: response.headers, body: response.json() };
}
