import { fuzzDecoders } from './fuzz-decoders.ts';

/** `node tests/fuzz/run.ts [inputs] [seed]`: prints the report as JSON; exit code 1 where a law was broken. */
const [inputs = '1000000', seed = '1'] = process.argv.slice(2);
const report = await fuzzDecoders({
  inputs: Number(inputs),
  seed: Number(seed),
  stopwatchMs: () => performance.now(),
});
process.stdout.write(`${JSON.stringify({ seed: Number(seed), ...report }, null, 2)}\n`);
process.exitCode = report.broken.length === 0 ? 0 : 1;
