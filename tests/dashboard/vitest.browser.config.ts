import { defineConfig } from 'vitest/config';

/** Runs what needs a browser, apart from the tests that need Node alone. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['**/*.browser.ts'],
    testTimeout: 60_000,
    // What is waited for may take long on a busy machine.
    expect: { poll: { timeout: 15_000 } },
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
