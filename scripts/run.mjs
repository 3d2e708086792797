/** What the scripts share: where things are, and running a program to its end. */
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '..')
export const at = (...path) => resolve(root, ...path)

/**
 * Runs a program and answers how it ended: `{ code, signal, output }`. `quiet` keeps its output instead of
 * showing it. Ctrl+C reaches the program by itself; SIGTERM is passed on.
 */
export function run(program, args, { quiet = false, limit = 0, env = process.env } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      env,
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    })
    let output = ''
    child.stdout?.on('data', (data) => (output += data))
    child.stderr?.on('data', (data) => (output += data))
    const timer = limit > 0 ? setTimeout(() => child.kill('SIGKILL'), limit) : undefined
    const waitForChild = () => undefined
    const passOn = () => child.kill('SIGTERM')
    process.on('SIGINT', waitForChild)
    process.on('SIGTERM', passOn)
    const end = (code, signal) => {
      clearTimeout(timer)
      process.off('SIGINT', waitForChild)
      process.off('SIGTERM', passOn)
      resolve({ code, signal, output })
    }
    child.once('error', (error) => {
      output += `${error.message}\n`
      end(127, null)
    })
    child.once('close', end)
  })
}

/** Builds everything; shows the output only when that fails. Answers whether it worked. */
export async function build() {
  const args = [at('node_modules/electron-vite/bin/electron-vite.js'), 'build', '--logLevel', 'warn']
  const { code, output } = await run(process.execPath, args, { quiet: true })
  if (code !== 0) process.stderr.write(output)
  return code === 0
}
