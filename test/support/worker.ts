/** The capture worker as JavaScript, for tests that run the real thread. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('../../', import.meta.url))
const entry = join(root, 'electron/engine/capture/worker.ts')
const built = join(root, 'out/main/capture-worker.js')
const cache = join(root, 'node_modules/.cache/capture-worker')
/** Everything that the worker is made of. */
const folders = [
  'electron/engine/capture',
  'electron/engine/import',
  'electron/engine/lint',
  'electron/engine/topics',
  'shared',
]

let url: Promise<URL> | undefined

/** The worker of the last build when it is newer than its sources; else one built now, once for all test files. */
export function captureWorkerUrl(): Promise<URL> {
  url ??= findOrBuild()
  return url
}

async function findOrBuild(): Promise<URL> {
  const sources = folders.flatMap(sourcesIn)
  const newest = Math.max(...sources.map(({ time }) => time))
  if (existsSync(built) && statSync(built).mtimeMs > newest) return pathToFileURL(built)
  const key = createHash('sha256').update(JSON.stringify(sources)).digest('hex').slice(0, 16)
  const file = join(cache, `${key}.mjs`)
  if (!existsSync(file)) await buildTo(file)
  return pathToFileURL(file)
}

function sourcesIn(folder: string): { path: string; time: number }[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => ({ path, time: statSync(join(root, folder, path)).mtimeMs }))
}

/** Test files run in several processes: each builds aside, and the file appears whole. */
async function buildTo(file: string): Promise<void> {
  mkdirSync(cache, { recursive: true })
  for (const old of readdirSync(cache)) {
    const path = join(cache, old)
    if (Date.now() - statSync(path).mtimeMs > 3_600_000) rmSync(path, { recursive: true, force: true })
  }
  const aside = join(cache, `building-${process.pid}`)
  await build({
    root,
    configFile: false,
    logLevel: 'silent',
    build: {
      ssr: entry,
      outDir: aside,
      target: 'node20',
      minify: false,
      // In one file: what is loaded later would lie beside it.
      rolldownOptions: { output: { entryFileNames: basename(file), codeSplitting: false } },
    },
    ssr: { noExternal: true },
  })
  renameSync(join(aside, basename(file)), file)
  rmSync(aside, { recursive: true, force: true })
}
