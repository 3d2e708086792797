import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  isScaled,
  lastTop,
  noPin,
  pinAfter,
  MAX_SCROLL_HEIGHT,
  renderedRows,
  reveal,
  scrollHeight,
  toScrollTop,
  toTop,
} from '../../../renderer/ui/scroll.ts'

const extent = (total: number) => ({ total, rowHeight: 22, viewport: 660 })

describe('scrolling', () => {
  it('is pixel for pixel while the list is short enough', () => {
    expect(toScrollTop(100, extent(100_000))).toBe(2200)
    expect(toTop(2211, extent(100_000))).toBe(100.5)
  })

  it('scales a list that is taller than an element may be', () => {
    const long = extent(5_000_000)
    expect(isScaled(long)).toBe(true)
    expect(scrollHeight(long)).toBe(MAX_SCROLL_HEIGHT)
    expect(toScrollTop(lastTop(long), long)).toBeCloseTo(MAX_SCROLL_HEIGHT - long.viewport, 3)
    expect(toTop(MAX_SCROLL_HEIGHT - long.viewport, long)).toBeCloseTo(5_000_000 - 30, 3)
  })

  it('comes back to the same row, whatever the length', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 50_000_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (total, share) => {
          const list = extent(total)
          const top = share * lastTop(list)
          const scrollTop = toScrollTop(top, list)
          expect(scrollTop).toBeLessThanOrEqual(Math.max(0, scrollHeight(list) - list.viewport) + 0.001)
          expect(toTop(scrollTop, list)).toBeCloseTo(top, 2)
        },
      ),
    )
  })

  it('renders what is seen and a little more, never beyond the list', () => {
    expect(renderedRows(100.5, extent(1000), 6)).toEqual({ start: 94, end: 137 })
    expect(renderedRows(0, extent(3), 6)).toEqual({ start: 0, end: 3 })
    expect(renderedRows(0, extent(0), 6)).toEqual({ start: 0, end: 0 })
  })

  it('moves no further than needed to show a row whole', () => {
    expect(reveal(5, 10, 30)).toBe(5)
    expect(reveal(20, 10, 30)).toBe(10)
    expect(reveal(40, 10, 30)).toBe(11)
  })
})

describe('a list kept at its end', () => {
  /** One step a total; the list is at its end unless it says otherwise. */
  const pinned = (...steps: readonly (readonly [total: number, top?: number])[]) =>
    steps.reduce((pin, [total, top = lastTop(extent(total))]) => pinAfter(pin, top, extent(total)), noPin)

  it('leaves out as many rows as came, so that everything stays where it is', () => {
    const pin = pinned([1000], [1500], [2100])
    expect(pin).toMatchObject({ hidden: 1100, passed: 1100 })
    expect(scrollHeight(extent(2100 - pin.hidden))).toBe(scrollHeight(extent(1000)))
    expect(pinAfter(pin, lastTop(extent(2100)), extent(2100))).toBe(pin)
  })

  it('gives the scroll bar the whole length once in a while', () => {
    const totals = Array.from({ length: 11 }, (_, i) => [1000 + 10 * i] as const)
    expect(pinned(...totals.slice(0, 10))).toMatchObject({ hidden: 90, passed: 90 })
    expect(pinned(...totals)).toMatchObject({ hidden: 0, passed: 100 })
  })

  it('does so at once when the end is left or rows go', () => {
    expect(pinned([1000], [1500], [1600, 900])).toMatchObject({ hidden: 0, passed: 500 })
    expect(pinned([1000], [1500], [1400])).toMatchObject({ hidden: 0, passed: 500 })
  })

  it('begins with a list that no longer fits', () =>
    expect(pinned([10], [40])).toMatchObject({ hidden: 0, passed: 0 }))
})
