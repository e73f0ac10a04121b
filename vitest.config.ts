import { defineConfig } from 'vitest/config';

/** How long `expect.poll` waits: a page on a busy machine takes seconds, and a test that fails anyway may take longer. */
const expectAtLast = { poll: { timeout: 20_000 } };

export default defineConfig({
  test: {
    reporters: ['default'],
    projects: [
      {
        test: {
          name: 'unit',
          sequence: { groupOrder: 0 },
          include: ['tests/{unit,architecture,profiles}/**/*.test.ts'],
          pool: 'threads',
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'system',
          sequence: { groupOrder: 1 },
          include: ['tests/{drivers,scenarios}/**/*.test.ts'],
          pool: 'forks',
          fileParallelism: false,
          expect: expectAtLast,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'e2e',
          sequence: { groupOrder: 2 },
          include: ['tests/e2e/**/*.test.ts'],
          pool: 'forks',
          fileParallelism: false,
          expect: expectAtLast,
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
});
