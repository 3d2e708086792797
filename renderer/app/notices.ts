/** The one place for what could not be done and for what went unexpectedly wrong. */
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { BenchError } from '../../shared/contract/result.ts'

export interface Notice {
  readonly id: number
  readonly kind: 'info' | 'error'
  readonly text: string
  /** What `Copy error` copies; absent for plain remarks. */
  readonly report?: string
}

export interface NoticesState {
  readonly notices: readonly Notice[]
  readonly say: (text: string) => void
  /** An error as a value: what a command answered. */
  readonly fail: (error: BenchError) => void
  /** An exception nobody expected. */
  readonly unexpected: (error: unknown) => void
  readonly dismiss: (id: number) => void
}
export type NoticesStore = StoreApi<NoticesState>

const MAX_NOTICES = 4
/** Milliseconds a remark stays; errors stay until dismissed. */
export const REMARK_STAYS = 2500

export function createNotices(): NoticesStore {
  let last = 0
  return createStore<NoticesState>((set, get) => {
    const add = (notice: Omit<Notice, 'id'>) => {
      const id = ++last
      // The same error again is one notice, not a pile.
      const others = get().notices.filter((other) => other.text !== notice.text)
      set({ notices: [...others, { ...notice, id }].slice(-MAX_NOTICES) })
      return id
    }
    return {
      notices: [],
      say(text) {
        const id = add({ kind: 'info', text })
        setTimeout(() => get().dismiss(id), REMARK_STAYS)
      },
      fail: (error) => void add({ kind: 'error', text: error.message, report: reportOf(error) }),
      unexpected: (error) =>
        void add({
          kind: 'error',
          text: `Something went wrong that was not expected: ${messageOf(error)}`,
          report: reportOf(error),
        }),
      dismiss: (id) => set({ notices: get().notices.filter((notice) => notice.id !== id) }),
    }
  })
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Everything known of an error, for a bug report. */
export function reportOf(error: unknown): string {
  if (error instanceof Error) {
    const cause = error.cause === undefined ? '' : `\ncaused by: ${reportOf(error.cause)}`
    return (error.stack ?? `${error.name}: ${error.message}`) + cause
  }
  return typeof error === 'object' ? JSON.stringify(error, null, 2) : String(error)
}
