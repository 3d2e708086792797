/**
 * Keeps one open view current at its client: at most one update at a time on the way, at most one an interval,
 * and each holds the rows as they are when it leaves. Changes in between cost nothing but a flag.
 */
import type { ViewUpdate, ViewWindow } from './contract.ts'
import { after } from './timer.ts'

export interface AnyViewSource {
  read(window: ViewWindow): ViewUpdate<unknown> | Promise<ViewUpdate<unknown>>
  locate(key: string | number): number | Promise<number>
  close(): void
}

export interface ServedViewOptions {
  start(changed: () => void): AnyViewSource
  readonly window: ViewWindow
  /** Milliseconds between two updates that only a change of the rows asked for. */
  interval(window: ViewWindow): number
  congested(): boolean
  update(seq: number, update: ViewUpdate<unknown>): void
  /** The source threw: the view is over. */
  failed(error: unknown): void
}

export interface ServedView {
  setWindow(window: ViewWindow): void
  acknowledge(seq: number): void
  locate(key: string | number): number | Promise<number>
  close(): void
}

export function openServedView(options: ServedViewOptions): ServedView {
  let window = options.window
  let seq = 0
  let acknowledged = 0
  /** What the client has is not what holds now. */
  let stale = true
  /** The client moved its window and must not wait for the interval. */
  let moved = true
  /** True from the start: a source may call `changed` while it is being made. */
  let reading = true
  let closed = false
  let lastSent = 0
  let cancelTimer: (() => void) | undefined

  const source = options.start(() => {
    stale = true
    pump()
  })

  function pump(): void {
    if (closed || reading || !stale || acknowledged !== seq) return
    const due = moved ? 0 : lastSent + options.interval(window) - Date.now()
    if (due > 0) wait(due)
    else if (options.congested()) wait(options.interval(window))
    else void sendUpdate()
  }

  function wait(milliseconds: number): void {
    cancelTimer ??= after(milliseconds, () => {
      cancelTimer = undefined
      pump()
    })
  }

  async function sendUpdate(): Promise<void> {
    cancelTimer?.()
    cancelTimer = undefined
    stale = false
    moved = false
    reading = true
    try {
      const update = await source.read(window)
      if (closed) return
      reading = false
      lastSent = Date.now()
      seq += 1
      options.update(seq, update)
    } catch (error) {
      if (!closed) options.failed(error)
    }
  }

  void Promise.resolve().then(() => {
    reading = false
    pump()
  })

  return {
    setWindow(next) {
      window = next
      stale = true
      moved = true
      pump()
    },
    acknowledge(number) {
      // Only the update on its way can be acknowledged; anything else is an old message.
      if (number !== seq) return
      acknowledged = number
      pump()
    },
    locate: (key) => source.locate(key),
    close() {
      if (closed) return
      closed = true
      cancelTimer?.()
      source.close()
    },
  }
}
