/** Real nats-servers and plain clients for tests, each in a folder of its own, all ended after the test. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kvm, type KV } from '@nats-io/kv'
import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node'
import { afterEach, expect } from 'vitest'
import { NatsLink } from '../../../electron/engine/nats/connection.ts'
import type { NatsTarget } from '../../../electron/engine/nats/target.ts'
import { requireTool } from '../../support/tools.ts'

const endings: (() => unknown)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end()
})
/** Called after the test, last one first. */
export const afterwards = (end: () => unknown): void => void endings.push(end)

export async function ownFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'oktobench-nats-'))
  afterwards(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export interface TestServer {
  readonly port: number
  readonly url: string
  /** Ends it without any warning. */
  kill(): Promise<void>
  /** Starts it anew with the same port and data. */
  start(): Promise<void>
}

/** `lines` are added to its configuration. */
export async function natsServer(lines: readonly string[] = [], jetStream = true): Promise<TestServer> {
  const folder = await ownFolder()
  let child: ChildProcess
  let port = -1
  const start = async (): Promise<void> => {
    const config = [
      `listen: "127.0.0.1:${port}"`,
      `ports_file_dir: "${folder}"`,
      ...(jetStream ? [`jetstream { store_dir: "${folder}/data" }`] : []),
      ...lines,
    ]
    await writeFile(join(folder, 'server.conf'), config.join('\n'))
    for (const name of await portsFiles(folder)) await rm(join(folder, name))
    child = spawn(requireTool('nats-server'), ['-c', join(folder, 'server.conf')], { stdio: 'ignore' })
    port = await expect
      .poll(() => readPort(folder), { interval: 20, timeout: 5000 })
      .toBeGreaterThan(0)
      .then(() => readPort(folder))
  }
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  afterwards(() => kill())
  await start()
  return { port, url: `nats://127.0.0.1:${port}`, kill, start }
}

const portsFiles = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith('.ports'))

async function readPort(folder: string): Promise<number> {
  const [name] = await portsFiles(folder)
  const text = name === undefined ? '' : await readFile(join(folder, name), 'utf8')
  return Number(/127\.0\.0\.1:(\d+)/.exec(text)?.[1] ?? 0)
}

export async function plainClient(options: NodeConnectionOptions): Promise<NatsConnection> {
  const connection = await connect({ ...options, reconnectTimeWait: 50, maxReconnectAttempts: -1 })
  afterwards(() => connection.close())
  return connection
}

/** The bucket as Oktopus makes and uses it. */
export async function plainBucket(connection: NatsConnection): Promise<KV> {
  return new Kvm(connection).create('devices-auth', { description: 'Devices authentication' })
}

export function linkTo(target: NatsTarget | (() => NatsTarget | undefined)): NatsLink {
  const link = new NatsLink({
    target: typeof target === 'function' ? target : () => target,
    name: 'test bench',
    backoff: { firstMs: 20, maxMs: 100 },
    timeoutMs: 2000,
  })
  afterwards(() => link.close())
  return link
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
export const text = (value: Uint8Array | undefined): string | undefined =>
  value && new TextDecoder().decode(value)
