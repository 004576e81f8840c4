import { simulate, type SimulationOptions } from './simulate.ts';

/** Lives one seed through once more and writes its whole history, then what went wrong. True where nothing did. */
export async function replaySeed(
  seed: number,
  options: Omit<SimulationOptions, 'trace'>,
  write: (line: string) => void,
): Promise<boolean> {
  const report = await simulate(seed, { ...options, trace: write });
  const { violations, steps, crashes, moves, traceHash } = report;
  write(
    `seed ${seed}: ${steps} steps, ${crashes} crashes, ${moves} moved partitions, trace ${traceHash.toString(16)}`,
  );
  for (const violation of violations) write(`VIOLATION ${violation}`);
  if (violations.length === 0) write('nothing lost, nothing doubled, in order');
  return violations.length === 0;
}

/** Fails with how to replay a seed that went wrong. `script` is the one that replays such worlds. */
export async function expectNoViolation(
  seed: number,
  options: SimulationOptions,
  script: string,
): Promise<void> {
  const { violations } = await simulate(seed, options);
  if (violations.length === 0) return;
  throw new Error(`Seed ${seed}: ${violations.join('; ')}. See it happen: node ${script} ${seed}`);
}
