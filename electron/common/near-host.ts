/** The Host contract over an engine of the same process: what speaks to a bench need not know where it runs. */
import { createHost } from '../../shared/contract/client.ts'
import type { HostHandlers } from '../../shared/contract/contract.ts'
import type { Host, LinkState } from '../../shared/contract/host.ts'
import type { HostMessage } from '../../shared/contract/messages.ts'
import { BenchFailure } from '../../shared/contract/result.ts'
import { serveClient, type ServedClient, type ServedEngine } from '../../shared/contract/server.ts'

export interface OpenHost {
  readonly host: Host
  close(): void
}

const refuse = (): never => {
  throw new BenchFailure('unavailable', 'There is no window here.')
}
/** Of a client that is a program. */
export const noWindow: HostHandlers = {
  'host.showWorkspace': refuse,
  'host.deliver': refuse,
  'host.saveText': refuse,
  'host.chooseFile': refuse,
}

export function nearHost(engine: ServedEngine, log: (text: string, error?: unknown) => void): OpenHost {
  let server: ServedClient | undefined
  let tellMessage: (message: HostMessage) => void = () => undefined
  let tellLink: (state: LinkState) => void = () => undefined
  const host = createHost({
    // Never within the call that caused it, as over a real wire.
    send: (message) => queueMicrotask(() => server?.receive(message)),
    onMessage: (listener) => (tellMessage = listener),
    onLink: (listener) => (tellLink = listener),
    close: () => undefined,
  })
  server = serveClient({
    engine,
    hostHandlers: noWindow,
    log,
    send: (message) => queueMicrotask(() => tellMessage(message)),
  })
  tellLink('connected')
  return {
    host,
    close() {
      server?.close()
      server = undefined
      tellLink('lost')
    },
  }
}
