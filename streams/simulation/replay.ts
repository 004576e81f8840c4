import { mutations } from './mutations.ts';
import { replaySeed } from './replay-seed.ts';

const [seed = '1', mutation] = process.argv.slice(2);
const mutate = mutation === undefined ? undefined : mutations[mutation];
if (mutation !== undefined && mutate === undefined) {
  process.stderr.write(
    `There is no mutation '${mutation}'. There are:\n  ${Object.keys(mutations).join('\n  ')}\n`,
  );
  process.exitCode = 2;
} else {
  const options = mutate === undefined ? {} : { mutate };
  const held = await replaySeed(Number(seed), options, (line) => void process.stdout.write(`${line}\n`));
  process.exitCode = held ? 0 : 1;
}
