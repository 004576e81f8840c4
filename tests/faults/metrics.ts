import { request } from 'undici';
import { expect } from 'vitest';

const catchUpWithinMs = 120_000;

/** One figure of a role's `/metrics`; undefined where it has none. `series` as it stands there, labels included. */
export async function metricOf(url: string, series: string): Promise<number | undefined> {
  const response = await request(`${url}/metrics`, { signal: AbortSignal.timeout(5_000) });
  const text = await response.body.text();
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

/** Resolves when telemetry at `url` has read and committed so many records. */
export async function untilRead(url: string, records: number): Promise<void> {
  const read = (): Promise<number | undefined> =>
    metricOf(url, 'openframe_pipeline_records_in{pipeline="telemetry"}');
  await expect.poll(read, { timeout: catchUpWithinMs, interval: 200 }).toBe(records);
}
