/** Entry of the desktop app, built to out/main/index.js; the paths are from there. */
import { fileURLToPath } from 'node:url'
import { app } from 'electron'
import { startEngine } from '../engine/engine.ts'
import { runShell } from './shell.ts'

// Not awaited here: Electron is ready only after this module has ended.
void runShell({
  startEngine,
  captureWorker: new URL('./capture-worker.js', import.meta.url),
  preload: fileURLToPath(new URL('../preload/index.cjs', import.meta.url)),
  pages: fileURLToPath(new URL('../renderer', import.meta.url)),
  // Unpackaged, the second argument is the folder of the app.
  args: process.argv.slice(app.isPackaged ? 1 : 2),
})
