import { topics } from '../../contracts/topics.ts';
import { telemetry } from '../../pipelines/telemetry.ts';
import type { StartRole } from '../../services/role-process.ts';
import { runService } from '../../services/service.ts';
import { dedupeWindowMs } from '../../services/settings.ts';
import { runTopology } from '../../streams/run.ts';
import { firstFormat } from '../../streams/state-format.ts';
import { columnarFormat, withColumnarMarks } from './columnar-marks.ts';

/** The role telemetry of a version to come; its last argument is the format in which it writes the marks of dedupe. */
const writes = Number(process.argv.at(-1));
if (writes !== firstFormat && writes !== columnarFormat) throw new Error(`There is no format ${writes}.`);

const start: StartRole = async ({ engines, settings, clock, random, stack, run }) => {
  const log = await engines.log();
  const product = telemetry({ windowMs: dedupeWindowMs(settings), marksRetentionMs: 86_400_000 });
  const topology = withColumnarMarks(product, writes);
  const source = stack.use(await log.source({ group: topology.name, topics: [topics.raw] }));
  const deps = { log, clock, random, source, deadLetterTopic: topics.deadLetters };
  run(stack.use(runTopology(topology, { ...deps, stopwatchMs: () => performance.now(), lingerMs: 25 })));
  return {};
};

await runService({ role: 'telemetry', wait: true, start });
