/** `npm run conformance`: `main.ts` is TypeScript, which Node reads with Vite's help. */
import { runnerImport } from 'vite'
import { fileURLToPath } from 'node:url'

const path = fileURLToPath(new URL('main.ts', import.meta.url))
const { module } = await runnerImport(path, { configFile: false, logLevel: 'warn' })
process.exitCode = await module.main(process.argv.slice(2))
