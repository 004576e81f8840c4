import { defineConfig } from 'vitest/config';

import { lawsFiles, LawsReporter } from '../../conformance/laws-reporter.ts';
import { usualCacheDir } from '../../engines/options.ts';

const javaHome = process.env['JAVA_HOME'];

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
      engineSource: process.env['OPENFRAME_TEST_ENGINES'] ?? 'own',
      engineTools: {
        cacheDir: process.env['OPENFRAME_ENGINES_CACHE_DIR'] ?? usualCacheDir(),
        ...(javaHome === undefined ? {} : { javaHome }),
      },
    },
    reporters: ['default', new LawsReporter(lawsFiles.engines)],
    testTimeout: 180_000,
    // What is waited for may take long on a busy machine.
    expect: { poll: { timeout: 15_000 } },
    hookTimeout: 240_000,
    fileParallelism: false,
    passWithNoTests: false,
  },
});
