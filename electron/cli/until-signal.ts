/** Waiting for the end of a command that runs until it is told to stop. */
import { logLine } from '../common/log.ts'

/** npm passes Ctrl+C on to a program that the terminal has told already: milliseconds that count as once. */
const SAME_SIGNAL = 300

/**
 * Settles at the first signal (true) or unexpected error (false): what is open is closed in order all the same.
 * A second signal does not wait for that.
 */
export function untilSignal(consequence: string): Promise<boolean> {
  return new Promise((resolve) => {
    let first: number | undefined
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        first ??= Date.now()
        if (Date.now() - first > SAME_SIGNAL) process.exit(1)
        resolve(true)
      })
    }
    const unexpected = (error: unknown): void => {
      logLine(`Unexpected error; ${consequence}`, error)
      resolve(false)
    }
    process.on('uncaughtException', unexpected)
    process.on('unhandledRejection', unexpected)
  })
}
