/** The built `oktobench serve` as a process of its own, and the contract as a page speaks it. */
import { readFile } from 'node:fs/promises'
import { WebSocket } from 'ws'
import { createHost } from '../../shared/contract/client.ts'
import type { CommandName, Request, Response } from '../../shared/contract/contract.ts'
import {
  decodeMessage,
  encodeMessage,
  SOCKET_PATH,
  SUBPROTOCOL,
  TOKEN_PREFIX,
} from '../../shared/contract/encoding.ts'
import type { Host, LinkState } from '../../shared/contract/host.ts'
import type { HostMessage } from '../../shared/contract/messages.ts'
import type { Job } from '../../shared/contract/model.ts'
import { startServe } from '../support/serve.ts'

export interface Product {
  /** With its token. */
  readonly url: string
  readonly port: number
  readonly host: Host
  /** Throws what the bench answers instead. */
  call<C extends CommandName>(name: C, request: Request<C>): Promise<Response<C>>
  /** Waits for a job's end. Rejects when it failed. */
  done(id: string): Promise<Job>
  /** Resident memory of the process in bytes. */
  memory(): Promise<number>
  stop(): Promise<void>
}

export async function startProduct(): Promise<Product> {
  const served = await startServe()
  const { host, close } = await connectHost(served.url)
  return {
    url: served.url,
    port: served.mqttPort,
    host,
    async call(name, request) {
      const answer = await host.call(name, request)
      if (!answer.ok) throw new Error(`${name}: ${answer.error.message}`)
      return answer.value
    },
    done: (id) =>
      new Promise((resolve, reject) => {
        const end = host.on('jobs', (jobs) => {
          const job = jobs.find((one) => one.id === id)
          if (job === undefined || job.state === 'running') return
          // The listener is told at once when a value is known, before `end` is there.
          queueMicrotask(() => end())
          if (job.state === 'done') resolve(job)
          else reject(new Error(`${job.title}: ${job.message ?? job.state}`))
        })
      }),
    memory: () => residentMemory(served.process.pid),
    async stop() {
      close()
      await served.stop()
    },
  }
}

async function connectHost(url: string): Promise<{ readonly host: Host; close(): void }> {
  const { origin, hash } = new URL(url)
  const token = new URLSearchParams(hash.slice(1)).get('token') ?? ''
  const socket = new WebSocket(`${origin.replace('http', 'ws')}${SOCKET_PATH}`, [
    SUBPROTOCOL,
    TOKEN_PREFIX + token,
  ])
  let tellMessage: (message: HostMessage) => void = () => undefined
  let tellLink: (state: LinkState) => void = () => undefined
  const connected = new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  socket.on('message', (data: Buffer) => tellMessage(decodeMessage(data) as HostMessage))
  socket.on('close', () => tellLink('lost'))
  const host = createHost({
    send: (message) => socket.send(encodeMessage(message)),
    onMessage: (listener) => (tellMessage = listener),
    onLink: (listener) => (tellLink = listener),
    close: () => socket.close(),
  })
  await connected
  tellLink('connected')
  return { host, close: () => socket.close() }
}

/** Linux only; elsewhere NaN, and the memory rows stay empty. */
export async function residentMemory(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? NaN) * 1024
}
