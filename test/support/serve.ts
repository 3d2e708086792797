/** The built `oktobench serve` as a process of its own, on free ports and in a folder of its own. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const cli = fileURLToPath(new URL('../../out/main/cli.js', import.meta.url))

export interface ServedBench {
  /** With its token. */
  readonly url: string
  readonly mqttPort: number
  readonly wsPort: number
  readonly tlsPort: number
  readonly workspace: string
  readonly process: ChildProcess
  stop(): Promise<void>
}

/** `wrap` stands before the command, e.g. `['ip', 'netns', 'exec', 'bench']`; `prepare` is given the workspace. */
export async function startServe(
  options: readonly string[] = [],
  wrap: readonly string[] = [],
  prepare: (workspace: string) => Promise<void> = async () => undefined,
): Promise<ServedBench> {
  const folder = await mkdtemp(join(tmpdir(), 'oktobench-e2e-'))
  await prepare(folder)
  const own = [
    'serve',
    '--workspace',
    folder,
    '--port',
    '0',
    '--mqtt-port',
    '0',
    '--ws-port',
    '0',
    '--tls-port',
    '0',
    '--wss-port',
    '0',
    '--no-nats',
    '--open-bench',
    ...options,
  ]
  const [command = process.execPath, ...before] = [...wrap, process.execPath]
  const child = spawn(command, [...before, cli, ...own], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      const found = /Oktobench is at (\S+)/.exec(output)
      if (found) resolve(found[1] as string)
    })
    child.once('exit', (code) => reject(new Error(`serve ended with ${code}:\n${output}`)))
  })
  return {
    url,
    mqttPort: Number(/TCP (\d+)/.exec(output)?.[1]),
    wsPort: Number(/WS (\d+)/.exec(output)?.[1]),
    tlsPort: Number(/TLS (\d+)/.exec(output)?.[1]),
    workspace: folder,
    process: child,
    async stop() {
      child.kill('SIGTERM')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      await rm(folder, { recursive: true, force: true })
    },
  }
}
