/**
 * One run of nats-server as a child that ends with the bench, also when the bench is killed (SIGKILL).
 *
 * Unix has no portable word for “die with your parent”, and a packaged Electron does not run as Node. So a few
 * lines of shell stand between: they hold the reading end of a pipe, and when the bench is gone, for whatever
 * reason, the pipe ends and the server is asked to end. On Windows libuv puts every child into a job that ends with
 * the process, so the server is started directly.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { within } from './pause.ts'
import { configFile } from './server-config.ts'

/** `$@` is the server. Background jobs of a shell have no standard input, hence the copy as 3. */
const guard = `
exec 3<&0
"$@" 3<&- </dev/null &
server=$!
( read -r _ <&3; kill -TERM "$server"; sleep 5; kill -KILL "$server" ) >/dev/null 2>&1 &
watch=$!
exec 3<&-
wait "$server"
code=$?
kill "$watch" 2>/dev/null
exit "$code"
`
const isWindows = process.platform === 'win32'
const READY_MS = 10_000
const LOOK_MS = 20
const END_MS = 3000
const KEPT_LINES = 20
const MAX_LINE = 500

export interface ServerRun {
  readonly port: number
  /** Resolves, with what the server said last, when it has ended. */
  readonly ended: Promise<string>
  /** Asks it to end; after three seconds it is ended. */
  stop(): Promise<void>
}

/** Starts the server of a folder whose configuration is written. Rejects, with what it said, when it does not get ready. */
export async function runServer(program: string, folder: string): Promise<ServerRun> {
  await removePortsFiles(folder)
  const command = [program, '-c', configFile(folder)]
  const child = isWindows
    ? spawn(program, command.slice(1), { stdio: ['ignore', 'ignore', 'pipe'], windowsHide: true })
    : // Its own session: a Ctrl+C in the terminal is for the bench, which then ends the server in its turn.
      spawn('/bin/sh', ['-c', guard, 'oktobench-nats', ...command], {
        stdio: ['pipe', 'ignore', 'pipe'],
        detached: true,
      })
  const lines = lastLines(child)
  let failure: Error | undefined
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => {
      failure = error
      resolve(error.message)
    })
    child.once('close', (code, signal) => resolve(lastWords(lines, code, signal)))
  })
  child.stdin?.on('error', () => undefined)
  let running = true
  void ended.then(() => (running = false))

  const stop = async (): Promise<void> => {
    if (!running) return
    if (isWindows) child.kill()
    else child.stdin?.end()
    await within(END_MS, ended, () => new Error('late')).catch(() => {
      killAll(child)
      return ended
    })
  }

  try {
    const deadline = Date.now() + READY_MS
    for (;;) {
      if (!running) throw failure ?? new Error(await ended)
      const port = await portOf(folder)
      if (port !== undefined) return { port, ended, stop }
      if (Date.now() > deadline) throw new Error(`it was not ready within ${READY_MS / 1000} s`)
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, LOOK_MS))])
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The shell, its watch and the server are one process group. */
function killAll(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(isWindows ? child.pid : -child.pid, 'SIGKILL')
  } catch {
    // All of them have ended meanwhile.
  }
}

/** nats-server writes `<program>_<pid>.ports` once it takes connections. */
const isPortsFile = (name: string): boolean => name.endsWith('.ports')

async function removePortsFiles(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter(isPortsFile)
  await Promise.all(names.map((name) => rm(join(folder, name), { force: true })))
}

/** Where the server of a folder takes connections, as it wrote itself; undefined before that. */
export async function portOf(folder: string): Promise<number | undefined> {
  try {
    const name = (await readdir(folder)).find(isPortsFile)
    if (name === undefined) return undefined
    const { nats } = JSON.parse(await readFile(join(folder, name), 'utf8')) as { nats?: string[] }
    const port = Number(/:(\d+)$/.exec(nats?.[0] ?? '')?.[1])
    return Number.isInteger(port) ? port : undefined
  } catch {
    // Looked at while it was being written.
    return undefined
  }
}

/** The newest lines of the server's log, kept up to date. */
function lastLines(child: ChildProcess): string[] {
  const lines: string[] = []
  let rest = ''
  child.stderr?.setEncoding('utf8')
  child.stderr?.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n')
    rest = (parts.pop() ?? '').slice(-MAX_LINE)
    lines.push(...parts.map((line) => line.slice(0, MAX_LINE)))
    lines.splice(0, Math.max(0, lines.length - KEPT_LINES))
  })
  return lines
}

/** Why it ended: its last fatal or error line, else how it went. */
function lastWords(lines: readonly string[], code: number | null, signal: NodeJS.Signals | null): string {
  const said = lines.findLast((line) => /\[(FTL|ERR)\]|^nats-server:/.test(line))
  if (said !== undefined) return said.replace(/^.*?\[(FTL|ERR)\]\s*/, '').replace(/^nats-server:\s*/, '')
  return signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`
}
