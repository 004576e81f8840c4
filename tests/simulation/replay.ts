import { replaySeed } from '../../streams/simulation/replay-seed.ts';
import { dedupeInTheStory } from './with-dedupe.ts';

const [seed = '1'] = process.argv.slice(2);
const write = (line: string): void => void process.stdout.write(`${line}\n`);
process.exitCode = (await replaySeed(Number(seed), { dedupe: dedupeInTheStory }, write)) ? 0 : 1;
