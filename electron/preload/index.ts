/** All that the page gets from the shell: a port to the bench when it asks from its own origin, and paths of files. */
import { contextBridge, ipcRenderer, webUtils } from 'electron'
import {
  APP_ORIGIN,
  ASK_PORT,
  DESKTOP_FILES,
  GIVE_PORT,
  type DesktopFiles,
} from '../../shared/contract/handshake.ts'

window.addEventListener('message', (event: MessageEvent<unknown>) => {
  if (event.source === window && event.origin === APP_ORIGIN && event.data === ASK_PORT) {
    ipcRenderer.send(ASK_PORT)
  }
})

ipcRenderer.on(GIVE_PORT, (event) => window.postMessage(GIVE_PORT, APP_ORIGIN, event.ports))

// A page can hand in a File only when the person gave it one.
const files: DesktopFiles = {
  pathOf(file) {
    try {
      return webUtils.getPathForFile(file as File)
    } catch {
      // It is no File: there is no path to tell.
      return ''
    }
  },
}
contextBridge.exposeInMainWorld(DESKTOP_FILES, files)
