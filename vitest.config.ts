import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: {
    // The real package starts a download when it is imported outside Electron.
    alias: { electron: resolve(import.meta.dirname, 'test/stubs/electron.ts') },
  },
  test: {
    // A `.tsx` test names its environment itself: `// @vitest-environment happy-dom` on its first line.
    environment: 'node',
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    exclude: ['test/bench/**'],
    pool: 'forks',
    // Of tests that wait for clients, not for the processor.
    maxConcurrency: 20,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    teardownTimeout: 10_000,
    restoreMocks: true,
    unstubEnvs: true,
  },
})
