import { describe, expect, it } from 'vitest'
import {
  ago,
  clock,
  compact,
  count,
  elapsed,
  plural,
  rate,
  size,
  span,
  timeOfDay,
} from '../../../renderer/ui/format.ts'

describe('numbers', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1k'],
    [1999, '1.9k'],
    [12_481, '12k'],
    [999_999, '999k'],
    [1_234_567, '1.2M'],
    [4.2e9, '4.2G'],
  ])('compact(%d) is %s and never more than there is', (n, text) => expect(compact(n)).toBe(text))

  it.each([
    [0, '0 B'],
    [584, '584 B'],
    [1000, '1.0 kB'],
    [4_200_000, '4.2 MB'],
    [999_960, '1.0 MB'],
    [2 ** 31, '2.1 GB'],
    [123_456_789, '123 MB'],
  ])('size(%d) is %s', (n, text) => expect(size(n)).toBe(text))

  it('groups thousands and knows one from many', () => {
    expect(count(4_294_967_295)).toBe('4,294,967,295')
    expect(plural(1, 'packet')).toBe('1 packet')
    expect(plural(0, 'packet')).toBe('0 packets')
    expect(rate(0.4)).toBe('0.4')
    expect(rate(41)).toBe('41')
  })
})

describe('times', () => {
  it('shows milliseconds and nanoseconds without rounding up', () => {
    const at = { sec: 1_772_355_600, nsec: 999_999_999 }
    expect(timeOfDay(at, 3)).toBe('09:00:00.999')
    expect(timeOfDay(at, 9)).toBe('09:00:00.999999999')
    expect(clock(1_772_355_600_042)).toBe('09:00:00.042')
  })

  it.each([
    [{ sec: 1, nsec: 0 }, { sec: 1, nsec: 41_999 }, '0.000041'],
    [{ sec: 1, nsec: 999_999_000 }, { sec: 3, nsec: 0 }, '1.000001'],
    [{ sec: 3, nsec: 0 }, { sec: 1, nsec: 999_999_000 }, '-1.000001'],
    [{ sec: 5, nsec: 7 }, { sec: 5, nsec: 7 }, '0.000000'],
    // Beyond what a double of nanoseconds could tell apart.
    [{ sec: 0, nsec: 0 }, { sec: 1_772_355_600, nsec: 1000 }, '1772355600.000001'],
  ])('elapsed from %o to %o is %s', (from, to, text) => expect(elapsed(from, to)).toBe(text))

  it('says how long ago in one unit', () => {
    expect(ago(1000, 1500)).toBe('now')
    expect(ago(5000, 1000)).toBe('now')
    expect(ago(0, 59_999)).toBe('59 s ago')
    expect(span(3600)).toBe('1 h')
    expect(span(86_400 * 2)).toBe('2 d')
  })
})
