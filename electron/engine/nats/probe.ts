/**
 * A look at what listens on a port before nats.js connects. It tells a silent, a foreign and a refusing peer apart,
 * and keeps nats.js from leaving a socket behind for each attempt at a peer that accepts and then says nothing.
 */
import { createConnection } from 'node:net'
import { NatsError } from './explain.ts'
import type { NatsAddress } from './target.ts'

/** What a NATS server says of itself in its first line (INFO, NATS client protocol). */
export interface ServerInfo {
  readonly name: string
  readonly version: string
  readonly jetStream: boolean
  readonly tlsRequired: boolean
}

/** An INFO line is some hundred bytes long, with many cluster members some thousand. */
const MAX_INFO_BYTES = 64 * 1024

/** Rejects with a NatsError, or with the system's error when the connection fails. */
export function probe(
  { host, port, url }: NatsAddress,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<ServerInfo> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port })
    let text = ''
    const foreign = (): NatsError =>
      new NatsError('not-nats', `${url} answers, but not as a NATS server: check the port`)
    const timer = setTimeout(() => {
      const what = text === '' ? 'does not answer' : 'does not finish its greeting'
      done(new NatsError('unreachable', `${url} ${what} within ${timeoutMs / 1000} s`))
    }, timeoutMs)
    const cancel = (): void => done(new NatsError('away', `the look at ${url} was cancelled`))
    signal?.addEventListener('abort', cancel)
    function done(outcome: ServerInfo | Error): void {
      clearTimeout(timer)
      signal?.removeEventListener('abort', cancel)
      socket.destroy()
      if (outcome instanceof Error) reject(outcome)
      else resolve(outcome)
    }
    socket.on('error', done)
    socket.on('end', () => done(foreign()))
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => {
      text += chunk
      const end = text.indexOf('\n')
      if (end < 0 && text.length < MAX_INFO_BYTES) return
      done(readInfo(text.slice(0, end)) ?? foreign())
    })
  })
}

function readInfo(line: string): ServerInfo | undefined {
  if (!line.startsWith('INFO ')) return undefined
  try {
    const info: unknown = JSON.parse(line.slice(5))
    if (typeof info !== 'object' || info === null) return undefined
    const known = info as Readonly<Record<string, unknown>>
    return {
      name: String(known['server_name'] ?? ''),
      version: String(known['version'] ?? ''),
      jetStream: known['jetstream'] === true,
      tlsRequired: known['tls_required'] === true,
    }
  } catch {
    return undefined
  }
}
