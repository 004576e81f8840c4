import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.ts', '**/*.test.tsx'],
    exclude: ['node_modules/**', 'dist/**', '**/known-bad/**', '**/*.engine.test.ts'],
    testTimeout: 20_000,
    passWithNoTests: false,
  },
});
