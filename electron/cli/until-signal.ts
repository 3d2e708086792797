/** Waiting for the end of a command that runs until it is told to stop. */
import { logLine } from '../common/log.ts'

/** npm passes Ctrl+C on to a program that the terminal has told already: milliseconds that count as once. */
const SAME_SIGNAL = 300

/**
 * Settles at the first signal (true) or unexpected error (false): what is open is closed in order all the same.
 * A further signal does not wait for that; `again` is told which it is, from 2.
 */
export function untilSignal(
  consequence: string,
  again: (times: number) => void = () => process.exit(1),
): Promise<boolean> {
  return new Promise((resolve) => {
    let times = 0
    let last = -Infinity
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (Date.now() - last <= SAME_SIGNAL) return
        last = Date.now()
        times += 1
        if (times === 1) resolve(true)
        else again(times)
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
