/** The contract over a WebSocket, whatever it runs on: the end at the bench, and the end of a program. */
import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import { createHost } from '../../shared/contract/client.ts'
import type { HostHandlers } from '../../shared/contract/contract.ts'
import {
  CLOSE_MISBEHAVED,
  CLOSE_REFUSED,
  decodeMessage,
  encodeMessage,
  SUBPROTOCOL,
  TOKEN_PREFIX,
} from '../../shared/contract/encoding.ts'
import type { LinkState } from '../../shared/contract/host.ts'
import type { HostMessage } from '../../shared/contract/messages.ts'
import { BenchFailure } from '../../shared/contract/result.ts'
import { serveClient, type ServedEngine } from '../../shared/contract/server.ts'
import type { OpenHost } from './near-host.ts'

/** The largest message a client sends is an access list of 4 MiB; what comes back has no such limit. */
export const MAX_MESSAGE = 16 * 1024 * 1024
/** Unsent bytes at which events and views wait, and at which a client that asks but never reads is cut off. */
const CONGESTED = 1024 * 1024
const TOO_SLOW = 64 * 1024 * 1024
const CONNECT_MS = 5000

export interface AttachOptions {
  readonly engine: ServedEngine
  readonly hostHandlers: HostHandlers
  log(text: string, error?: unknown): void
}

/** Ties one WebSocket to the engine until either ends. */
export function attachSocket(socket: WebSocket, { engine, hostHandlers, log }: AttachOptions): void {
  const client = serveClient({
    engine,
    hostHandlers,
    log,
    send: (message) => {
      if (socket.readyState !== socket.OPEN) return
      socket.send(encodeMessage(message))
      if (socket.bufferedAmount > TOO_SLOW) {
        log('A client was cut off: it asks but does not read the answers')
        socket.terminate()
      }
    },
    congested: () => socket.bufferedAmount > CONGESTED,
  })
  socket.on('message', (data: Buffer, isBinary) => {
    try {
      if (!isBinary) throw new TypeError('a text message')
      client.receive(decodeMessage(data))
    } catch (error) {
      log('A client sent bytes that are no message', error)
      socket.close(CLOSE_MISBEHAVED, 'Not a message of this protocol.')
    }
  })
  socket.on('error', (error) => log('The connection of a client failed', error))
  socket.on('close', () => client.close())
}

export interface SocketPlace {
  /** Of the WebSocket. */
  readonly url: string
  readonly token: string
  /** In place of TCP to the host of the URL. */
  readonly connect?: () => Socket
}

/**
 * The Host of a bench, for a program. Rejects with a BenchFailure `unavailable` when there is no bench, or it does not
 * know the token. A connection that is lost later is not made anew.
 */
export async function socketHost({ url, token, connect }: SocketPlace): Promise<OpenHost> {
  const socket = new WebSocket(url, [SUBPROTOCOL, TOKEN_PREFIX + token], {
    handshakeTimeout: CONNECT_MS,
    perMessageDeflate: false,
    ...(connect && { createConnection: connect }),
  })
  let tellMessage: (message: HostMessage) => void = () => undefined
  let tellLink: (state: LinkState) => void = () => undefined
  const host = createHost({
    send(message) {
      if (socket.readyState === socket.OPEN) socket.send(encodeMessage(message))
    },
    onMessage: (listener) => (tellMessage = listener),
    onLink: (listener) => (tellLink = listener),
    close: () => socket.close(),
  })
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string): void =>
      reject(new BenchFailure('unavailable', `The bench cannot be joined: ${why}.`))
    socket.on('error', (error) => fail(error.message))
    socket.on('close', (code) => {
      fail(code === CLOSE_REFUSED ? 'it does not know this token' : 'it closed the connection')
      tellLink('lost')
    })
    socket.on('message', (data: Buffer) => {
      // A bench that knows the token tells its events at once.
      tellLink('connected')
      resolve()
      tellMessage(decodeMessage(data) as HostMessage)
    })
  })
  return { host, close: () => socket.close() }
}
