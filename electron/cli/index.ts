#!/usr/bin/env node
/** Entry of the command line, built to out/main/cli.js; the paths are from there. */
import { fileURLToPath } from 'node:url'
import { startEngine } from '../engine/engine.ts'
import { runCommandLine } from './command-line.ts'

const code = await runCommandLine(process.argv.slice(2), {
  startEngine,
  captureWorker: new URL('./capture-worker.js', import.meta.url),
  pages: fileURLToPath(new URL('../renderer', import.meta.url)),
})
// Where pipes are not written at once, what was said last would be lost.
for (const stream of [process.stdout, process.stderr])
  if (!stream.destroyed) await new Promise<void>((done) => stream.write('', () => done()))
process.exit(code)
