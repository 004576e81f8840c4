import type { Run } from './duckdb-file.ts';

/** Commits where `work` resolves to true; else nothing is changed. */
export async function transact(run: Run, work: () => Promise<boolean>): Promise<boolean> {
  await run('BEGIN');
  try {
    const keep = await work();
    await run(keep ? 'COMMIT' : 'ROLLBACK');
    return keep;
  } catch (error) {
    await run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
