/** One timer for everything on the screen that tells the time. */
import { useSyncExternalStore } from 'react'

const listeners = new Set<() => void>()
let now = Date.now()
let timer: ReturnType<typeof setTimeout> | undefined

function tick(): void {
  now = Date.now()
  // Right after each full second, so that the clock never skips one.
  timer = setTimeout(tick, 1000 - (now % 1000) + 5)
  listeners.forEach((listener) => listener())
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  if (timer === undefined) tick()
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearTimeout(timer)
    timer = undefined
  }
}

/** Milliseconds since 1970, renewed each second. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => now)
