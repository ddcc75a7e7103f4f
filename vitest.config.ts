import { defineConfig } from 'vitest/config';

/** Two projects: `fast` is pure or starts nothing but a time-skipping server; `live` starts real parts. */
export default defineConfig({
  test: {
    pool: 'forks',
    reporters: ['default', ['json', { outputFile: '.assent/test-report.json' }]],
    globalSetup: ['test/setup/toolchain.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: ['test/live/**'],
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'live',
          include: ['test/live/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
