import { request } from 'undici';

/** One figure of a role's `/metrics`; undefined where it has none. `series` as it stands there, labels included. */
export async function metricOf(url: string, series: string): Promise<number | undefined> {
  const response = await request(`${url}/metrics`, { signal: AbortSignal.timeout(5_000) });
  const text = await response.body.text();
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}
