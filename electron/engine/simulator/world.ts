/** What an agent needs of the world around it; tests give their own. */

export interface World {
  /** Milliseconds since 1970. */
  now(): number
  /** From 0 up to 1. */
  random(): number
  /** Runs once after `ms`; answers the function that cancels it. */
  after(ms: number, run: () => void): () => void
}

/** The longest wait that a timer of Node can take. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Timers of the process. They do not keep it alive: connections do. */
export const realWorld: World = {
  now: () => Date.now(),
  random: () => Math.random(),
  after(ms, run) {
    const timer = setTimeout(run, Math.min(Math.max(0, ms), MAX_TIMER_MS)).unref()
    return () => clearTimeout(timer)
  },
}
