import { setTimeout as pause } from 'node:timers/promises';
import { request } from 'undici';

import { runCli } from '../../tests/support/platform-process.ts';

const storeRate = 10_000;

/** Where events are stored, by whom. */
export interface Stored {
  readonly folder: string;
  readonly url: string;
  readonly token: string;
}

/** Stores so many events of the last minutes of so many agents, and waits until they are answered; gives how many. */
export async function storeFleet(
  { folder, url, token }: Stored,
  events: number,
  agents: number,
): Promise<number> {
  const seconds = Math.ceil(events / storeRate);
  const simulated = await runCli([
    ...['simulate', '--agents', String(agents), '--rate', String(storeRate), '--duration', `${seconds}s`],
    ...['--linger', '1s', '--data-dir', folder],
  ]);
  if (simulated.code !== 0) throw new Error(simulated.stderr);
  for (let waitedMs = 0; waitedMs < 120_000; waitedMs += 1_000) {
    const answer = await request(`${url}/api/v1/events/stats?bucket=1d`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { total } = (await answer.body.json()) as { total: number };
    if (total >= events) return total;
    await pause(1_000);
  }
  throw new Error('the events were not stored in two minutes');
}
