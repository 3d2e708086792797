import { describe, expect, test } from 'vitest'
import { Clock, instantAt, isoTime } from '../../../electron/engine/capture/clock.ts'

describe('Clock', () => {
  const start = Date.UTC(2026, 0, 2, 3, 4, 5, 678)

  test('counts nanoseconds from one wall clock reading', () => {
    let monotonic = 1000.25
    const clock = new Clock({ wall: () => start, monotonic: () => monotonic })
    expect(clock.now()).toBe(0)
    monotonic += 0.001_234
    expect(clock.now()).toBe(1234)
    monotonic += 400
    expect(isoTime(instantAt(clock.epoch, clock.now()))).toBe('2026-01-02T03:04:06.078001234Z')
  })

  test('keeps single nanoseconds after a month', () => {
    let monotonic = 0
    const clock = new Clock({ wall: () => start, monotonic: () => monotonic })
    monotonic = 30 * 86_400_000 + 0.000_001
    expect(clock.now()).toBe(30 * 86_400_000 * 1e6 + 1)
  })

  test('follows the wall clock after sleep or a set clock, but not its small drift', () => {
    let wall = start
    let monotonic = 0
    const clock = new Clock({ wall: () => wall, monotonic: () => monotonic })
    wall += 100
    clock.follow()
    expect(clock.now()).toBe(0)
    // Eight hours of sleep: the monotonic clock stood still.
    wall = start + 8 * 3_600_000
    clock.follow()
    expect(clock.now()).toBe(8 * 3_600_000 * 1e6)
    monotonic += 1
    expect(clock.now()).toBe((8 * 3_600_000 + 1) * 1e6)
    wall = start - 60_000
    clock.follow()
    expect(isoTime(instantAt(clock.epoch, clock.now()))).toBe('2026-01-02T03:03:05.678000000Z')
  })

  test('splits an instant at the border of a second', () => {
    const epoch = { sec: 10, nsec: 999_999_999 }
    expect(instantAt(epoch, 0)).toEqual({ sec: 10, nsec: 999_999_999 })
    expect(instantAt(epoch, 1)).toEqual({ sec: 11, nsec: 0 })
    expect(instantAt(epoch, -999_999_999)).toEqual({ sec: 10, nsec: 0 })
    expect(instantAt(epoch, -1_000_000_000)).toEqual({ sec: 9, nsec: 999_999_999 })
  })
})
