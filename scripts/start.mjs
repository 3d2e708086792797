/**
 * `npm start`: builds, then opens the desktop app; where that cannot be, the same bench in a browser.
 * Arguments after `--` are passed on, e.g. `npm start -- --workspace ~/lab --mqtt-port 2883`.
 */
import { existsSync, readFileSync } from 'node:fs'
import { at, build, run } from './run.mjs'

/** Milliseconds for fetching Electron's binary, which npm leaves to the first start. */
const INSTALL_LIMIT = 60_000

const args = process.argv.slice(2)
if (!(await build())) process.exit(1)
const obstacle = whyNoWindow() ?? (await openWindow())
if (obstacle !== undefined) {
  console.log(`The desktop app cannot run here (${obstacle}); the same bench follows for your browser.`)
  // In this process, so that Ctrl+C reaches it once.
  process.argv.splice(2, Infinity, 'serve', ...args)
  await import('../out/main/cli.js')
}

/** A reason that holds before anything was tried. */
function whyNoWindow() {
  if (process.platform !== 'linux') return undefined
  if (!process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return 'there is no display'
  // It would need --no-sandbox, which is no state to meet unknown routers in.
  if (process.getuid() === 0) return 'Electron keeps its sandbox only for an ordinary account, not for root'
  return undefined
}

/** Runs the app to its end and exits with its code; answers a reason when it could not even begin. */
async function openWindow() {
  const program = electronProgram() ?? (await installElectron())
  if (program === undefined) return 'its program could not be fetched; try npx install-electron'
  const { code, signal } = await run(program, [at('.'), ...args])
  // Chromium ends itself this way when the system forbids its sandbox; 127 is a missing library.
  if (signal === 'SIGTRAP' || signal === 'SIGABRT' || code === 127)
    return 'Electron does not start on this system'
  process.exit(code ?? 1)
}

/** Path of Electron's binary, or undefined while it is not there. */
function electronProgram() {
  try {
    const path = at('node_modules/electron/dist', readFileSync(at('node_modules/electron/path.txt'), 'utf8'))
    return existsSync(path) ? path : undefined
  } catch {
    return undefined
  }
}

async function installElectron() {
  await run(process.execPath, [at('node_modules/electron/install.js')], { quiet: true, limit: INSTALL_LIMIT })
  return electronProgram()
}
