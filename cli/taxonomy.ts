import { Command } from 'commander';

import { OpenFrameError } from '../contracts/errors.ts';
import { unifiedTypes } from '../enrichers/taxonomy.ts';
import { coverTaxonomy, type TaxonomyCoverage } from '../pipelines/taxonomy-coverage.ts';
import { jsonOption } from './options.ts';
import { printResult, table } from './output.ts';

export function taxonomyCommand(): Command {
  return new Command('taxonomy')
    .description('the unified event types, and proof that each can be reached')
    .option('--coverage', 'send every fixture through the topologies and name those that reach each type')
    .addOption(jsonOption())
    .action(async (options: { readonly coverage?: boolean; readonly json?: boolean }) => {
      if (options.coverage !== true) {
        const types = [...unifiedTypes.values()];
        printResult({ types }, options, () =>
          table(
            ['type', 'severity', 'where it failed', 'sentence'],
            types.map(({ name, severity, failed, sentence }) => [name, severity, failed, sentence]),
          ),
        );
        return;
      }
      const coverage = await coverTaxonomy();
      printResult(coverage, options, () => describe(coverage));
      const { unreached, withoutFixture } = coverage;
      if (unreached.length + withoutFixture.length > 0) throw notCovered(coverage);
    });
}

function describe({ types, unmapped }: TaxonomyCoverage): string {
  const rows = types.map(({ type, fixtures, words }) => [
    type,
    fixtures.length,
    words.slice(0, 3).join(', ') + (words.length > 3 ? `, and ${words.length - 3} more` : ''),
  ]);
  const reached = types.filter(({ fixtures }) => fixtures.length > 0).length;
  return [
    table(['type', 'fixtures', 'reached by'], rows),
    '',
    `${reached} of ${types.length} types are reached by a fixture.`,
    `Kept as themselves, since no mapping has them: ${unmapped.map((word) => word.trim()).join(', ')}.`,
  ].join('\n');
}

function notCovered({ unreached, withoutFixture }: TaxonomyCoverage): OpenFrameError {
  return new OpenFrameError(
    'INTERNAL',
    `No fixture reaches: ${[...unreached, ...withoutFixture].join(', ')}. Add one to enrichers/fixtures.`,
  );
}
