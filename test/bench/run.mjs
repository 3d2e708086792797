/** Builds what is measured as it ships, then runs the bench. */
import { build as bundle } from 'vite'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { build } from '../../scripts/run.mjs'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
if (!(await build())) process.exit(1)
await bundle({
  configFile: false,
  logLevel: 'warn',
  build: {
    outDir: here('../../out/bench'),
    emptyOutDir: true,
    ssr: true,
    target: 'node20',
    rolldownOptions: {
      input: { main: here('main.ts'), broker: here('broker.ts'), 'packet-load': here('packet-load.ts') },
      // All in one folder: files beside them are found from where they are.
      output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
})
const { status } = spawnSync(process.execPath, [here('../../out/bench/main.js'), ...process.argv.slice(2)], {
  stdio: 'inherit',
})
process.exitCode = status ?? 1
