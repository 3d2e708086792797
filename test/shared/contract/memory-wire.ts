/** Client and server of the Host contract joined in memory, through the encoding of the WebSocket. */
import { decodeMessage, encodeMessage } from '../../../shared/contract/encoding.ts'
import { createHost } from '../../../shared/contract/client.ts'
import type { LinkState, Wire } from '../../../shared/contract/host.ts'
import type { ClientMessage, HostMessage } from '../../../shared/contract/messages.ts'
import { serveClient, type ClientOptions, type ServedClient } from '../../../shared/contract/server.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { fakeEngine } from '../../stubs/engine.ts'

export function joined(options: Partial<ClientOptions> = {}, shown?: (then: () => void) => void) {
  const engine = fakeEngine()
  const log: { text: string; error: unknown }[] = []
  const sent: HostMessage[] = []
  const received: ClientMessage[] = []
  let server: ServedClient | undefined
  let tellMessage: (message: HostMessage) => void = () => undefined
  let tellLink: (state: LinkState) => void = () => undefined
  /** Messages to the client wait here while it is told to be slow. */
  let held: HostMessage[] | undefined

  const deliver = (message: HostMessage): void =>
    tellMessage(decodeMessage(encodeMessage(message)) as HostMessage)
  const wire: Wire = {
    send(message) {
      received.push(message)
      const bytes = encodeMessage(message)
      const to = server
      queueMicrotask(() => to?.receive(decodeMessage(bytes)))
    },
    onMessage: (listener) => (tellMessage = listener),
    onLink: (listener) => (tellLink = listener),
    close: () => undefined,
  }

  const link = {
    engine,
    log,
    /** What the server sent and the client sent, in order. */
    sent,
    received,
    host: createHost(wire, shown),
    /** How the server's messages leave; a test may put itself in between. */
    send(message: HostMessage) {
      sent.push(message)
      if (held === undefined) queueMicrotask(() => server !== undefined && deliver(message))
      else held.push(message)
    },
    receiveRaw: (raw: unknown) => server?.receive(raw),
    connect() {
      server = serveClient({
        engine,
        hostHandlers: {
          'host.deliver': () => ({}),
          'host.chooseFile': () => ({}),
          'host.saveText': () => ({ saved: false }),
          'host.showWorkspace': () => {
            throw new BenchFailure('unavailable', 'Not here.')
          },
        },
        log: (text, error) => log.push({ text, error }),
        send: (message) => link.send(message),
        ...options,
      })
      tellLink('connected')
    },
    drop() {
      server?.close()
      server = undefined
      tellLink('lost')
    },
    holdUpdates() {
      held = []
    },
    release() {
      const messages = held ?? []
      held = undefined
      for (const message of messages) deliver(message)
    },
  }
  return link
}
