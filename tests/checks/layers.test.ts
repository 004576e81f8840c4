import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { knownBad, root, runTool, type ToolRun } from './run-tool.ts';

const resultSchema = z.object({
  summary: z.object({
    violations: z.array(
      z.object({
        from: z.string(),
        to: z.string(),
        rule: z.object({ name: z.string(), severity: z.string() }),
      }),
    ),
  }),
});

let violations: z.infer<typeof resultSchema>['summary']['violations'];

/** Reads the known-bad tree by the rules of this repository. */
function cruise(outputType: 'err' | 'json'): Promise<ToolRun> {
  const config = ['--config', join(root, '.dependency-cruiser.cjs'), '--output-type', outputType];
  return runTool('dependency-cruiser/bin/dependency-cruiser.mjs', ['.', ...config], join(knownBad, 'layers'));
}

beforeAll(async () => {
  const { stdout } = await cruise('json');
  violations = resultSchema.parse(JSON.parse(stdout)).summary.violations;
}, 180_000);

/** The rules that the file breaks, in alphabetical order. */
function broken(file: string): string[] {
  return [...new Set(violations.filter(({ from }) => from === file).map(({ rule }) => rule.name))].sort();
}

describe('import layers', () => {
  it('refuse with a failing exit, every violation an error', async () => {
    const { exitCode } = await cruise('err');
    expect(exitCode).toBe(violations.length);
    expect(new Set(violations.map(({ rule }) => rule.severity))).toEqual(new Set(['error']));
  });

  it.each([
    ['a type of an upper layer', 'contracts/upward.ts', ['layer-contracts']],
    ['a product in the stream engine', 'streams/product.ts', ['layer-streams']],
    ['an engine in a topology', 'pipelines/picks-engine.ts', ['engine-by-name', 'layer-pipelines']],
    ['an engine behind import()', 'pipelines/picks-engine-lazily.ts', ['engine-by-name', 'layer-pipelines']],
    ['another engine in an engine', 'brokers/kafka/log.ts', ['engine-to-engine']],
    ['the gateway in the query API', 'query-api/reaches-gateway.ts', ['layer-query-api']],
    ['a store in the agent', 'agent/knows-store.ts', ['layer-agent']],
    ['a store in the dashboard', 'dashboard/reads-store.ts', ['layer-dashboard']],
    ['the command line in a service', 'services/calls-command.ts', ['layer-services']],
    ['a conformance suite in production', 'pipelines/compares.ts', ['layer-pipelines', 'production-to-test']],
    ['a fixture in production', 'pipelines/leans-on-fixture.ts', ['production-to-test']],
    ['SQLite outside its engines', 'sinks/embedded/sqlite.ts', ['driver-sqlite']],
    ['DuckDB outside its engine', 'stores/embedded/duckdb.ts', ['driver-duckdb']],
    ['a web server in a topology', 'pipelines/serves-http.ts', ['driver-fastify']],
    ['measuring outside the agent', 'query-api/measures.ts', ['driver-systeminformation']],
    ['React outside the dashboard', 'cli/draws.ts', ['driver-react']],
    ['the argument parser outside the command line', 'services/parses-arguments.ts', ['driver-terminal']],
    ['a development package in production', 'pipelines/develops.ts', ['production-to-development']],
    ['a package that package.json does not name', 'pipelines/borrows.ts', ['package-not-declared']],
    ['a circle of types', 'enrichers/self-seeing.ts', ['circular']],
    ['an import of nothing', 'pipelines/nowhere.ts', ['unresolvable']],
    ['a folder without a layer', 'utils/strings.ts', ['folder-without-layer']],
  ])('refuse %s', (_fault, file, rules) => {
    expect(broken(file)).toEqual(rules);
  });

  it.each([
    ['a test its engine and its suite', 'brokers/embedded/log.test.ts'],
    ['a fixture of tests an engine', 'pipelines/engines.fixture.ts'],
    ['a service any engine', 'services/up.ts'],
    ['the query API a port and the problem handler', 'query-api/answers.ts'],
    ['an engine its port', 'brokers/embedded/log.ts'],
  ])('allow %s', (_import, file) => {
    expect(broken(file)).toEqual([]);
  });
});
