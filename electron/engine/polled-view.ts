/** A view over rows of which nobody tells when they change: they are made anew each second while one looks. */
import type { ViewSource } from '../../shared/contract/contract.ts'
import { pageOf } from './view-window.ts'

export interface PolledRows<R> {
  /** Those that match, in order. */
  readonly rows: readonly R[]
  /** How many there are before that. */
  readonly all: number
}

const EVERY_MS = 1000

export function polledView<R>(
  make: () => PolledRows<R>,
  keyOf: (row: R) => string | number,
  changed: () => void,
): ViewSource<R> {
  let made: PolledRows<R> | undefined
  let timer: NodeJS.Timeout | undefined
  const current = (): PolledRows<R> => (made ??= make())
  return {
    read(window) {
      // A view that is not on the screen asks for no rows.
      if (window.count > 0) {
        timer ??= setTimeout(() => {
          timer = undefined
          made = undefined
          changed()
        }, EVERY_MS)
      }
      const { rows, all } = current()
      return { ...pageOf(rows, window), all }
    },
    locate: (key) => current().rows.findIndex((row) => keyOf(row) === key),
    close: () => clearTimeout(timer),
  }
}
