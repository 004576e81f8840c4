import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { SimulateReport } from '../../simulator/simulate.ts';
import { freePort, mintToken, runCli, startPlatformProcess } from '../../tests/support/platform-process.ts';
import type { BenchReport } from '../report.ts';
import { sharesOf } from '../shares.ts';
import type { QuerySize } from './embedded.ts';
import { askingOverRest } from './over-rest.ts';
import { queryReport } from './query-report.ts';
import { questionsOver } from './questions.ts';
import { scope } from './stored-events.ts';

export interface PlatformSize extends QuerySize {
  /** How long events come in, and questions are asked. */
  readonly seconds: number;
  /** What `measureEmbedded` filled: it is copied. */
  readonly file: string;
}

/**
 * Asks the REST API of a whole platform, in a process of its own, whose store holds that file's events, while a fleet of
 * other tenants sends events through the door.
 */
export async function measurePlatform(size: PlatformSize): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'openframe-query-bench-'));
  try {
    copyFileSync(size.file, join(folder, 'events.duckdb'));
    await using platform = await startPlatformProcess([
      ...['--port', String(await freePort()), '--data-dir', folder, '--no-agent'],
    ]);
    const token = await mintToken(folder, 'analyst', scope.tenantId);
    const stop = new AbortController();
    const sending = simulate(folder, size).finally(() => stop.abort());
    const asking = askUntil(stop.signal, platform.ready.url, { token, stored: size.events });
    const [sent, { answered, rounds }] = await Promise.all([sending, asking]);
    const { ratePerSecond: offeredPerSecond, events, devices, hours, seconds } = size;
    return queryReport({
      kind: 'query-platform',
      configuration: { engines: 'embedded', events, rounds, devices, hours, offeredPerSecond, seconds },
      offeredPerSecond,
      writtenPerSecond: Math.round((sent.sent * 1000) / (seconds * 1000 + sent.behindMs)),
      answered,
      metrics: {},
      details: { generatorBehindMs: sent.behindMs },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function simulate(
  folder: string,
  { ratePerSecond, seconds, devices }: PlatformSize,
): Promise<SimulateReport> {
  const run = await runCli([
    ...['simulate', '--agents', String(devices), '--tenants', '200', '--rate', String(ratePerSecond)],
    ...['--duration', `${seconds}s`, '--linger', '1s', '--data-dir', folder],
  ]);
  if (run.code !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout) as SimulateReport;
}

/** Whole rounds of all questions, one at a time. */
async function askUntil(
  stopped: AbortSignal,
  url: string,
  { token, stored }: { readonly token: string; readonly stored: number },
) {
  const asked = askingOverRest(url, token);
  const questions = questionsOver(stored);
  const times = questions.map((): number[] => []);
  let rounds = 0;
  for (; !stopped.aborted; rounds++) {
    for (const [at, question] of questions.entries()) {
      const startedMs = performance.now();
      await question.ask(asked, Date.now());
      times[at]?.push(performance.now() - startedMs);
    }
  }
  const answered = questions.map(({ name, barMs }, at) => ({
    name,
    ...(barMs === undefined ? {} : { barMs }),
    ...sharesOf(times[at] ?? []),
  }));
  return { answered, rounds };
}
