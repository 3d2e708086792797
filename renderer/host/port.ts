/** A wire over a MessagePort to the main process of the desktop app. */
import { ASK_PORT, GIVE_PORT } from '../../shared/contract/handshake.ts'
import type { LinkState, Wire } from '../../shared/contract/host.ts'
import type { HostMessage } from '../../shared/contract/messages.ts'

export function portWire(): Wire {
  let port: MessagePort | undefined
  let tellMessage: (message: HostMessage) => void = () => undefined
  let tellLink: (state: LinkState) => void = () => undefined

  const take = (event: MessageEvent<unknown>): void => {
    // The preload script posts from this very window: nobody else's port is taken.
    if (event.source !== window || event.origin !== location.origin || event.data !== GIVE_PORT) return
    const [given] = event.ports
    if (given === undefined) return
    window.removeEventListener('message', take)
    given.addEventListener('message', (message: MessageEvent<HostMessage>) => tellMessage(message.data))
    given.addEventListener('close', () => tellLink('lost'))
    given.start()
    port = given
    tellLink('connected')
  }
  window.addEventListener('message', take)
  window.postMessage(ASK_PORT, location.origin)

  return {
    send: (message) => port?.postMessage(message),
    onMessage: (listener) => (tellMessage = listener),
    onLink: (listener) => (tellLink = listener),
    close() {
      window.removeEventListener('message', take)
      port?.close()
    },
  }
}
