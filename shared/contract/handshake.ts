/**
 * How a page of the desktop app gets its port: it posts `ASK_PORT` to its own window, the preload script passes
 * that on to the main process, and the port comes back with `GIVE_PORT` the same way. After that there is one
 * protocol for everything, the one of messages.ts.
 */
export const APP_ORIGIN = 'app://bench'
export const ASK_PORT = 'oktobench:ask-port'
export const GIVE_PORT = 'oktobench:give-port'
