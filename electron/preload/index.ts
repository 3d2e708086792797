/** All that the page gets from the shell: a port to the bench, and only when it asks from its own origin. */
import { ipcRenderer } from 'electron'
import { APP_ORIGIN, ASK_PORT, GIVE_PORT } from '../../shared/contract/handshake.ts'

window.addEventListener('message', (event: MessageEvent<unknown>) => {
  if (event.source === window && event.origin === APP_ORIGIN && event.data === ASK_PORT) {
    ipcRenderer.send(ASK_PORT)
  }
})

ipcRenderer.on(GIVE_PORT, (event) => window.postMessage(GIVE_PORT, APP_ORIGIN, event.ports))
