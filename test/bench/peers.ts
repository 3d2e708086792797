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

export type PeerName = 'oktobench' | 'bare aedes' | 'mosquitto'

/** Peers that this machine can run. */
export const available = (): PeerName[] =>
  tool('mosquitto') ? ['bare aedes', 'oktobench', 'mosquitto'] : ['bare aedes', 'oktobench']

export async function startPeer(name: PeerName): Promise<Peer> {
  const folder = await mkdtemp(join(tmpdir(), 'oktobench-bench-'))
  const port = await freePort()
  const child = name === 'mosquitto' ? await mosquitto(folder, port) : ownBroker(name, folder, port)
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

function ownBroker(name: PeerName, folder: string, port: number): ChildProcess {
  const script = fileURLToPath(new URL('./broker.js', import.meta.url))
  const kind = name === 'oktobench' ? 'bench' : 'bare'
  return spawn(process.execPath, [script, kind, folder, String(port)], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}

async function mosquitto(folder: string, port: number): Promise<ChildProcess> {
  const file = join(folder, 'mosquitto.conf')
  // No queue limit, so that it delivers everything at QoS 1 as the others do.
  const lines = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'max_queued_messages 0',
    'set_tcp_nodelay true',
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
