import { defineConfig } from 'vitest/config';

import { lawsFiles, LawsReporter } from './conformance/laws-reporter.ts';

const notTests = ['node_modules/**', 'dist/**', '**/known-bad/**', '**/*.engine.test.ts'];
/**
 * Tests of what keeps nothing in its modules and starts no process and no thread: one process runs many of these files,
 * as to begin one and to load all packages anew costs more CPU than most of them. What stands in neither list has a
 * process to itself.
 */
const together = [
  '{agent-gateway,alerting,contracts,dashboard,enrichers,integrations,pipelines,query-api,simulator,stores}/**/*.test.ts',
  '{brokers,sinks}/{cassandra,kafka,nats,pinot}/**/*.test.ts',
  'streams/**/*.test.ts',
];
/** Thousands of worlds from a seed each: their cost is code that must be warm, short-lived objects and errors' stacks. */
const simulation = ['tests/simulation/*.test.ts'];
const simulationFlags = ['--min-semi-space-size=16', '--max-semi-space-size=32', '--stack-trace-limit=0'];

export default defineConfig({
  // Node finds this copy for everybody; Vite would find another one, and errors of one are none to the other.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    // They begin in the order of their names: the small files come last and keep both cores busy to the end.
    projects: [
      {
        extends: true,
        test: {
          name: 'alone',
          include: ['**/*.test.ts'],
          exclude: [...notTests, ...together, ...simulation],
        },
      },
      {
        extends: true,
        test: { name: 'simulation', include: simulation, isolate: false, execArgv: simulationFlags },
      },
      { extends: true, test: { name: 'together', include: together, exclude: notTests, isolate: false } },
    ],
    reporters: ['default', new LawsReporter(lawsFiles.embedded)],
    testTimeout: 40_000,
    // What is waited for may take long on a busy machine.
    expect: { poll: { timeout: 15_000 } },
    // Every core: many tests wait for processes that they started.
    maxWorkers: '100%',
    passWithNoTests: false,
  },
});
