import { Client } from 'undici';

/** So many names a tenant may have, and so many of them are on one host: each alert is one of its own. */
const namesByTenant = 20_000;
const namesByHost = 20;
const perBody = 1_000;

/** A tenant whose devices all report trouble, each with names that nothing else has. */
export interface StormTenant {
  readonly tenantId: string;
  readonly series: number;
}

/** The tenants over which so many series are spread. */
export function stormTenants(series: number): readonly StormTenant[] {
  return Array.from({ length: Math.ceil(series / namesByTenant) }, (_, i) => {
    return { tenantId: `storm-${i}`, series: Math.min(namesByTenant, series - i * namesByTenant) };
  });
}

/** The n-th of a tenant's series: a host, and a message that no masking of numbers makes like another. */
export function seriesOf(n: number): { readonly host: string; readonly message: string } {
  const word = [...n.toString(26)].map((digit) => String.fromCharCode(97 + parseInt(digit, 26))).join('');
  return { host: `storm-host-${Math.floor(n / namesByHost)}`, message: `the part ${word} failed` };
}

/** Reports each of a tenant's series once, as fast as the door takes them. Throws where it refuses some. */
export async function sendStorm(
  url: string,
  token: string,
  { series, tenantId }: StormTenant,
): Promise<void> {
  const client = new Client(url);
  try {
    for (let from = 0; from < series; from += perBody) {
      const count = Math.min(perBody, series - from);
      const lines = Array.from({ length: count }, (_, i) => lineOf(tenantId, from + i));
      const answer = await client.request({
        method: 'POST',
        path: '/ingest/v1/events',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
        body: lines.join('\n'),
      });
      const text = await answer.body.text();
      if (answer.statusCode !== 202) throw new Error(`the door answered ${answer.statusCode}: ${text}`);
    }
  } finally {
    await client.close();
  }
}

function lineOf(tenantId: string, n: number): string {
  const { host, message } = seriesOf(n);
  return JSON.stringify({
    ...{ specversion: '1.0', id: `${tenantId}-${n}`, source: `/agents/${host}`, subject: host },
    ...{ type: 'openframe.log', time: new Date().toISOString() },
    data: { message, severityText: 'ERROR', logger: 'storm' },
  });
}
