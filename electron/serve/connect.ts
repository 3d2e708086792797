/** The Host contract over the WebSocket of a bench that `oktobench serve` runs, for a program. */
import { WebSocket } from 'ws'
import { createHost } from '../../shared/contract/client.ts'
import {
  CLOSE_REFUSED,
  decodeMessage,
  encodeMessage,
  SOCKET_PATH,
  SUBPROTOCOL,
  TOKEN_PREFIX,
} from '../../shared/contract/encoding.ts'
import type { LinkState } from '../../shared/contract/host.ts'
import type { HostMessage } from '../../shared/contract/messages.ts'
import { BenchFailure } from '../../shared/contract/result.ts'
import type { OpenHost } from '../common/near-host.ts'

const CONNECT_MS = 5000

/**
 * `url` is the one that `serve` printed, its token in the fragment. Rejects with a BenchFailure `unavailable` when
 * there is no bench, or it does not know the token. A connection that is lost later is not made anew.
 */
export async function connectHost(url: string): Promise<OpenHost> {
  const { origin, hash } = new URL(url)
  const token = new URLSearchParams(hash.slice(1)).get('token') ?? ''
  const socket = new WebSocket(
    origin.replace('http', 'ws') + SOCKET_PATH,
    [SUBPROTOCOL, TOKEN_PREFIX + token],
    { handshakeTimeout: CONNECT_MS, perMessageDeflate: false },
  )
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
      reject(new BenchFailure('unavailable', `The bench at ${origin} cannot be joined: ${why}.`))
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
