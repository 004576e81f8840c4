import { Argument, Command } from 'commander';

import { OpenFrameError } from '../contracts/errors.ts';
import { allTopologies } from '../pipelines/all-topologies.ts';
import { drawTopology, lintTopology, type Topology } from '../streams/topology.ts';
import { jsonOption } from './options.ts';
import { exitCodes, printResult } from './output.ts';

export function topologyCommand(): Command {
  return new Command('topology')
    .description('the topologies as a picture, and checks on them')
    .addCommand(graphCommand())
    .addCommand(lintCommand());
}

const nameArgument = (): Argument => new Argument('[name]', 'this one alone');

function graphCommand(): Command {
  return new Command('graph')
    .description('as Mermaid flowcharts; with --json, as data')
    .addArgument(nameArgument())
    .addOption(jsonOption())
    .action((name: string | undefined, options: { readonly json?: boolean }) => {
      const chosen = choose(name);
      printResult(chosen.map(asData), options, () => chosen.map(drawTopology).join('\n\n'));
    });
}

function lintCommand(): Command {
  return new Command('lint')
    .description('say what is wrong with them; exit 1 if anything is')
    .addArgument(nameArgument())
    .addOption(jsonOption())
    .action((name: string | undefined, options: { readonly json?: boolean }) => {
      const chosen = choose(name);
      const faults = chosen.flatMap(lintTopology);
      const names = chosen.map((topology) => topology.name);
      printResult({ topologies: names, faults }, options, () =>
        faults.length === 0 ? `${names.join(', ')}: nothing is wrong.` : faults.join('\n'),
      );
      if (faults.length > 0) process.exitCode = exitCodes.failed;
    });
}

function choose(name: string | undefined): readonly Topology[] {
  const chosen = allTopologies.filter((topology) => name === undefined || topology.name === name);
  if (chosen.length > 0) return chosen;
  const known = allTopologies.map((topology) => topology.name).join(', ');
  throw new OpenFrameError('NOT_FOUND', `There is no topology '${name ?? ''}'. There are: ${known}.`);
}

function asData(topology: Topology): object {
  return {
    name: topology.name,
    from: topology.source.topics,
    stages: topology.stages.map(({ name, reads, adds, changelog }) => ({ name, reads, adds, changelog })),
    to: topology.output.topic,
  };
}
