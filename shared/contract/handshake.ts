/**
 * How a page of the desktop app gets its port: it posts `ASK_PORT` to its own window, the preload script passes
 * that on to the main process, and the port comes back with `GIVE_PORT` the same way. After that there is one
 * protocol for everything, the one of messages.ts.
 */
export const APP_ORIGIN = 'app://bench'
export const ASK_PORT = 'oktobench:ask-port'
export const GIVE_PORT = 'oktobench:give-port'

/** Name under which a page of the desktop app finds `DesktopFiles`. */
export const DESKTOP_FILES = 'oktobenchFiles'
export interface DesktopFiles {
  /** Path of a `File` that was dropped or chosen; empty for one that is on no disk. */
  readonly pathOf: (file: object) => string
}
