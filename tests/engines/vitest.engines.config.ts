import { defineConfig } from 'vitest/config';

import { usualCacheDir } from '../../engines/options.ts';

/**
 * Suites that need the real servers: run by `npm run test:engines`.
 * `OPENFRAME_TEST_ENGINES=external` takes the servers at the default addresses and starts none.
 */
export default defineConfig({
  test: {
    include: ['**/*.engine.test.ts'],
    exclude: ['node_modules/**', 'dist/**', '**/known-bad/**'],
    globalSetup: ['tests/engines/provide-engines.ts'],
    provide: {
      engineSource: process.env['OPENFRAME_TEST_ENGINES'] ?? 'external',
      engineCache: process.env['OPENFRAME_ENGINES_CACHE_DIR'] ?? usualCacheDir(),
    },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    passWithNoTests: false,
  },
});
