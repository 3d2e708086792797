/** What a page may not do, whatever it holds: leave, open, embed, download or ask for anything. */
import type { App, Session, WebContents } from 'electron'
import { redact } from '../common/log.ts'

export function lockSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, decide) => decide(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
  session.on('will-download', (event) => event.preventDefault())
}

/** Holds for every page of the app, also for one that is made by a mistake. */
export function lockContents(app: App, log: (text: string) => void): void {
  app.on('web-contents-created', (_event, contents: WebContents) => {
    const deny = (event: { preventDefault(): void; readonly url?: string }): void => {
      event.preventDefault()
      log(`A page tried to go to ${redact(event.url ?? 'another place')}`)
    }
    contents.on('will-navigate', deny)
    contents.on('will-frame-navigate', deny)
    contents.on('will-redirect', deny)
    contents.on('will-attach-webview', (event) => event.preventDefault())
    // No external address is needed by the bench, so none is on a list of allowed ones.
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  })
}
