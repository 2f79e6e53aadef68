import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    setupFiles: ['test/equal-bytes.ts'],
    pool: 'forks',
    execArgv: ['--liftoff-only'], // as src/cli/main.ts has it, which says why
    maxWorkers: 2, // tests start processes of their own beside
    testTimeout: 180_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 20_000 } }, // as long as another process may take on a busy machine
    reporters: ['default', 'json'],
    outputFile: { json: 'out/test-report.json' },
  },
});
