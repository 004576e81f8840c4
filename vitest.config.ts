import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.ts', '**/*.test.tsx'],
    exclude: ['node_modules/**', 'dist/**', '**/known-bad/**'],
    testTimeout: 20_000,
    passWithNoTests: false,
  },
});
