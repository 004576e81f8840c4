import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { benchReportSchema } from '../../benchmarks/report.ts';
import type { RoundResult } from '../../benchmarks/run/round.ts';
import { runCli } from '../support/platform-process.ts';
import { createTempFolder } from '../support/temp-folder.ts';

const load = ['--load', 'laptop', '--rate', '200', '--warmup', '1s', '--duration', '2s'];

describe('openframe bench run', () => {
  it('measures a fresh platform, and its ledger accounts for every event', async () => {
    await using folder = await createTempFolder();
    const out = join(folder.path, 'run.json');
    const html = join(folder.path, 'run.html');
    // The machine of a test may be as busy as it likes.
    const bounds = ['--max-behind', '60s', '--max-foreign', '0.999'];
    const run = await runCli(['bench', 'run', '--json', ...load, ...bounds, '--out', out, '--html', html]);
    expect(run.code, run.stderr).toBe(0);
    const report = benchReportSchema.parse(JSON.parse(run.stdout));
    expect(report.verdict).toBe('VALID');
    const round = report.rounds[0]?.details as RoundResult;
    // 10 agents introduce themselves in the warm-up and in the run.
    expect(round.ledger).toMatchObject({ lost: 0, duplicated: 0, deadLettered: 0, verdict: 'OK' });
    expect(round.ledger.accepted).toBe(round.ledger.sent);
    expect(round.ledger.sent).toBeGreaterThanOrEqual(600);
    expect(round.endToEnd['event-log']?.count).toBeGreaterThanOrEqual(round.generator.unique);
    expect(round.door.corrected.count).toBe(round.generator.sent - 10);
    expect(JSON.parse(await readFile(out, 'utf8'))).toEqual(report);
    expect(await readFile(html, 'utf8')).toContain('VALID');
  }, 120_000);

  it('calls a run INVALID whose generator fell behind, exit code 3, and still writes the report', async () => {
    await using folder = await createTempFolder();
    const out = join(folder.path, 'run.json');
    const run = await runCli(['bench', 'run', ...load, '--max-behind', '0ms', '--out', out]);
    expect(run.code, run.stderr).toBe(3);
    expect(run.stdout).toMatch(/^INVALID: Round 1: the generator fell \d+ ms behind its rate/);
    expect(benchReportSchema.parse(JSON.parse(await readFile(out, 'utf8'))).verdict).toBe('INVALID');
  }, 120_000);
});
