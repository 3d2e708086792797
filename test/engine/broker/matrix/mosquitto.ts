/** The clients of Mosquitto (libmosquitto). Those of Debian 12 have no WebSocket: others take these doors. */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { requireTool } from '../../../support/tools.ts'
import type { ClientKind, MatrixClient, Wishes } from './client.ts'
import type { Door } from './doors.ts'

const run = promisify(execFile)

const doorArguments = ({ transport, port, authority, certificate }: Door): string[] => [
  '-h',
  '127.0.0.1',
  '-p',
  String(port),
  ...(transport === 'tls' ? ['--cafile', authority] : []),
  ...(certificate === undefined ? [] : ['--cert', certificate, '--key', certificate]),
]
const versionArguments = ({ version }: Wishes): string[] => ['-V', version === '5.0' ? '5' : 'mqttv311']

/** A process for each connection that subscribes, and one for each message. */
class MosquittoClient implements MatrixClient {
  readonly sessionPresent = undefined
  readonly received: string[] = []
  readonly #door: Door
  readonly #wishes: Wishes
  #reader: ChildProcess | undefined
  #said = ''

  constructor(door: Door, wishes: Wishes) {
    this.#door = door
    this.#wishes = wishes
  }

  /** It connects with this: mosquitto_sub knows no connection without a subscription. */
  async subscribe(topic: string, qos: number): Promise<void> {
    const { clientId, clean, expiry } = this.#wishes
    // Line by line: into a pipe it would write when it has some kilobytes.
    const reader = spawn('stdbuf', [
      '-oL',
      requireTool('mosquitto_sub'),
      ...doorArguments(this.#door),
      ...versionArguments(this.#wishes),
      '-d',
      '-i',
      clientId,
      '-t',
      topic,
      '-q',
      String(qos),
      '-F',
      'message %p',
      ...(clean ? [] : ['-c']),
      ...(expiry === undefined ? [] : ['-x', String(expiry)]),
    ])
    this.#reader = reader
    await new Promise<void>((resolve, reject) => {
      reader.once('exit', () => reject(new Error(`mosquitto_sub ended: ${this.#said}`)))
      reader.stderr.on('data', (chunk: Buffer) => (this.#said += chunk.toString()))
      let rest = ''
      reader.stdout.on('data', (chunk: Buffer) => {
        const lines = (rest + chunk.toString()).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) {
          this.#said += `${line}\n`
          if (line.startsWith('message ')) this.received.push(line.slice('message '.length))
          if (line.includes('received SUBACK')) resolve()
        }
      })
    })
  }

  async publish(topic: string, text: string, qos: number): Promise<void> {
    await run(requireTool('mosquitto_pub'), [
      ...doorArguments(this.#door),
      ...versionArguments(this.#wishes),
      '-t',
      topic,
      '-q',
      String(qos),
      '-m',
      text,
    ])
  }

  async leave(): Promise<void> {
    const reader = this.#reader
    if (!reader || reader.exitCode !== null) return
    // It sends DISCONNECT then.
    reader.kill('SIGTERM')
    await once(reader, 'exit')
  }
}

export const mosquitto: ClientKind = {
  name: 'Mosquitto',
  doors: ['TCP', 'TLS', 'mutual TLS'],
  connect: (door, wishes) => Promise.resolve(new MosquittoClient(door, wishes)),
}
