/** The one IPC channel: a page asks for a port, and through it speaks the protocol of every host. */
import { MessageChannelMain, type IpcMain, type IpcMainEvent, type WebContents } from 'electron'
import type { HostHandlers } from '../../shared/contract/contract.ts'
import { ASK_PORT, GIVE_PORT } from '../../shared/contract/handshake.ts'
import { serveClient, type ServedEngine } from '../../shared/contract/server.ts'
import { isOwnPage } from './app-protocol.ts'

export interface BridgeOptions {
  readonly engine: ServedEngine
  readonly hostHandlers: HostHandlers
  readonly page: WebContents
  log(text: string, error?: unknown): void
}

/** Answers the function that ends the bridge and the page's connection. */
export function openBridge(ipc: IpcMain, options: BridgeOptions): () => void {
  const { engine, hostHandlers, page, log } = options
  let endClient = (): void => undefined

  const givePort = (event: IpcMainEvent): void => {
    const frame = event.senderFrame
    if (frame === null || event.sender !== page || frame !== page.mainFrame || !isOwnPage(frame.url)) {
      log('Something other than the page of the bench asked for a port; it got none')
      return
    }
    // A reloaded page asks anew: what its former life had open goes.
    endClient()
    const { port1, port2 } = new MessageChannelMain()
    const client = serveClient({ engine, hostHandlers, log, send: (message) => port1.postMessage(message) })
    endClient = () => {
      client.close()
      port1.close()
    }
    port1.on('message', (message) => client.receive(message.data))
    port1.on('close', () => client.close())
    port1.start()
    frame.postMessage(GIVE_PORT, null, [port2])
  }

  ipc.on(ASK_PORT, givePort)
  return () => {
    ipc.off(ASK_PORT, givePort)
    endClient()
  }
}
