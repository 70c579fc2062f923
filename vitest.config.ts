import path from 'node:path';
import { defineConfig } from 'vitest/config';

const root = import.meta.dirname;

export default defineConfig({
  resolve: {
    alias: {
      '@contracts': path.join(root, 'supabase/functions/_shared/contracts'),
      '@': path.join(root, 'web/src'),
    },
  },
  test: {
    passWithNoTests: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            '{supabase/functions,local,scripts,cli}/**/*.test.ts',
            'web/src/**/*.test.{ts,tsx}',
            'tests/{repository,support}/**/*.test.ts',
          ],
        },
      },
      {
        extends: true,
        test: {
          name: 'local',
          include: ['tests/local/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'stack',
          include: ['tests/{db,functions}/**/*.test.ts'],
          // All of them share one stack, and a job that one of them runs by hand is everybody's.
          fileParallelism: false,
          // Nothing waits for what must not come: a wait that is too short only fails where the machine is slow.
          expect: { poll: { timeout: 10_000 } },
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
