/** The last two runs of a device's agent, newest first, and how often one came back after the other. */
export interface SeenRuns {
  readonly current?: string;
  readonly before?: string;
  readonly returns?: number;
  /** When the last one came back. */
  readonly returnedMs?: number;
}

/** Runs that take turns so often are of two agents. One return alone may be a record that was sent again. */
const turnsOfClones = 2;
const forgetMs = 3_600_000;

/**
 * Takes a heartbeat's id, `<run>-<n>`: a run is one start of an agent, so that of a device whose agent was started
 * again no earlier run comes back. Two machines with the identity of one take turns. The same object where nothing is
 * new. Heartbeats of other senders, whose ids have another form, are runs of one event each and never come back.
 */
export function seeRun(
  runs: SeenRuns,
  id: string,
  nowMs: number,
): { readonly runs: SeenRuns; readonly cloned: boolean } {
  const end = id.lastIndexOf('-');
  const run = end < 0 ? id : id.slice(0, end);
  if (run === runs.current) return { runs, cloned: false };
  const turned = { current: run, ...(runs.current === undefined ? {} : { before: runs.current }) };
  if (run !== runs.before) return { runs: turned, cloned: false };
  const recent = runs.returnedMs !== undefined && nowMs - runs.returnedMs < forgetMs;
  const returns = (recent ? (runs.returns ?? 0) : 0) + 1;
  return { runs: { ...turned, returns, returnedMs: nowMs }, cloned: returns >= turnsOfClones };
}
