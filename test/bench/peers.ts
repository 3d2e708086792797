/** The brokers that are compared, each a process of its own: this bench, bare aedes, Mosquitto. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/free-port.ts'
import { tool } from '../support/tools.ts'
import { residentMemory } from './product.ts'

export interface Peer {
  readonly name: string
  readonly port: number
  /** Resident memory of the process in bytes. */
  memory(): Promise<number>
  stop(): Promise<void>
}

export interface PeerOptions {
  /** What is kept on the disk of sessions; each broker as it comes where it is not given. */
  readonly keep?: 'nothing' | 'each second' | 'each message'
}

export type PeerName = 'oktobench' | 'bare aedes' | 'mosquitto'

/** Peers that this machine can run. */
export const available = (): PeerName[] =>
  tool('mosquitto') ? ['bare aedes', 'oktobench', 'mosquitto'] : ['bare aedes', 'oktobench']

export async function startPeer(name: PeerName, options: PeerOptions = {}): Promise<Peer> {
  const folder = await mkdtemp(join(tmpdir(), 'oktobench-bench-'))
  const port = await freePort()
  const child =
    name === 'mosquitto' ? await mosquitto(folder, port, options) : ownBroker(name, folder, port, options)
  await answers(port)
  return {
    name,
    port,
    memory: () => residentMemory(child.pid),
    async stop() {
      child.kill()
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function ownBroker(name: PeerName, folder: string, port: number, { keep }: PeerOptions): ChildProcess {
  const script = fileURLToPath(new URL('./broker.js', import.meta.url))
  const kind = name === 'oktobench' ? 'bench' : 'bare'
  return spawn(process.execPath, [script, kind, folder, String(port), keep ?? 'each second'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}

async function mosquitto(
  folder: string,
  port: number,
  { keep = 'nothing' }: PeerOptions,
): Promise<ChildProcess> {
  const file = join(folder, 'mosquitto.conf')
  // No queue limit, so that it delivers everything at QoS 1 as the others do, and as much under way as they have.
  const lines = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'max_queued_messages 0',
    'max_inflight_messages 1000',
    'set_tcp_nodelay true',
    // As root it would become another user, who may not write into the folder.
    ...(process.getuid?.() === 0 ? ['user root'] : []),
    ...(keep === 'nothing'
      ? []
      : ['persistence true', `persistence_location ${folder}/`, 'autosave_interval 1']),
    ...(keep === 'each message' ? ['autosave_on_changes true'] : []),
  ]
  await writeFile(file, lines.join('\n') + '\n')
  return spawn(tool('mosquitto') as string, ['-c', file], { stdio: 'ignore' })
}

async function answers(port: number): Promise<void> {
  const { connect } = await import('node:net')
  for (let tries = 0; tries < 200; tries++) {
    const socket = connect(port, '127.0.0.1')
    const came = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    if (came) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`nothing answers on port ${port}`)
}
