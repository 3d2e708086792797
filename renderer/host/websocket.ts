/** A wire over a WebSocket to `oktobench serve`. */
import {
  CLOSE_REFUSED,
  decodeMessage,
  encodeMessage,
  SOCKET_PATH,
  SUBPROTOCOL,
  TOKEN_PREFIX,
} from '../../shared/contract/encoding.ts'
import type { LinkState, Wire } from '../../shared/contract/host.ts'
import type { HostMessage } from '../../shared/contract/messages.ts'

/** Milliseconds before trying again, growing to the last. */
const DELAYS = [100, 200, 500, 1000, 2000, 5000]
const STORAGE_KEY = 'oktobench.token'

/**
 * The token of this page. It comes in the fragment of the address that `serve` printed and moves into the
 * session's storage, so that it stands neither in the address bar nor in the history, and a reload keeps it.
 */
export function takeToken(): string | undefined {
  const given = new URLSearchParams(location.hash.slice(1)).get('token')
  if (given === null) return sessionStorage.getItem(STORAGE_KEY) ?? undefined
  keepToken(given)
  history.replaceState(history.state, '', location.pathname + location.search)
  return given
}

/** The token that this page has from now on. */
export const keepToken = (token: string): void => sessionStorage.setItem(STORAGE_KEY, token)

/** Connects, and again for as long as the page is open, unless the token is refused. */
export function webSocketWire(token: string | undefined): Wire {
  let socket: WebSocket | undefined
  let attempt = 0
  let retry: ReturnType<typeof setTimeout> | undefined
  let closed = false
  let tellMessage: (message: HostMessage) => void = () => undefined
  let tellLink: (state: LinkState) => void = () => undefined

  function connect(): void {
    retry = undefined
    const url = new URL(SOCKET_PATH, location.href)
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    // Without a token the bench still answers, with the close code that says so.
    const protocols = token === undefined ? [SUBPROTOCOL] : [SUBPROTOCOL, TOKEN_PREFIX + token]
    const current = new WebSocket(url, protocols)
    current.binaryType = 'arraybuffer'
    let accepted = false
    current.addEventListener('message', (event: MessageEvent<unknown>) => {
      if (!(event.data instanceof ArrayBuffer)) return
      // A bench that knows the token tells its events at once; an open WebSocket alone says nothing yet.
      if (!accepted) {
        accepted = true
        attempt = 0
        tellLink('connected')
      }
      tellMessage(decodeMessage(new Uint8Array(event.data)) as HostMessage)
    })
    current.addEventListener('close', (event) => {
      socket = undefined
      if (closed) return
      if (event.code === CLOSE_REFUSED) {
        sessionStorage.removeItem(STORAGE_KEY)
        return tellLink('refused')
      }
      tellLink('lost')
      retry = setTimeout(connect, DELAYS[Math.min(attempt, DELAYS.length - 1)])
      attempt += 1
    })
    socket = current
  }

  connect()
  return {
    send: (message) => socket?.send(encodeMessage(message)),
    onMessage: (listener) => (tellMessage = listener),
    onLink: (listener) => (tellLink = listener),
    close() {
      closed = true
      clearTimeout(retry)
      socket?.close()
    },
  }
}
