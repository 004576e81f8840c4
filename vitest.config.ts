import { defineConfig } from 'vitest/config';

import { lawsFiles, LawsReporter } from './conformance/laws-reporter.ts';

export default defineConfig({
  // Node finds this copy for everybody; Vite would find another one, and errors of one are none to the other.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['**/*.test.ts', '**/*.test.tsx'],
    exclude: ['node_modules/**', 'dist/**', '**/known-bad/**', '**/*.engine.test.ts'],
    reporters: ['default', new LawsReporter(lawsFiles.embedded)],
    testTimeout: 40_000,
    // What is waited for may take long on a busy machine.
    expect: { poll: { timeout: 15_000 } },
    // Every core: many tests wait for processes that they started.
    maxWorkers: '100%',
    passWithNoTests: false,
  },
});
