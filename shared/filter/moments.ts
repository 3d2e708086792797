/** Durations and times of day as they are written in a filter, in nanoseconds. */

/** Nanoseconds in each unit; the first name of a unit is the one written. */
const UNITS: readonly (readonly [names: readonly string[], nanoseconds: number])[] = [
  [['ns'], 1],
  [['us', 'µs', 'μs'], 1e3],
  [['ms'], 1e6],
  [['s', 'sec'], 1e9],
  [['m', 'min'], 60e9],
  [['h'], 3600e9],
  [['d'], 86_400e9],
]
const unitOf = new Map(UNITS.flatMap(([names, size]) => names.map((name) => [name, size])))
export const SECOND = 1e9

/** 146 years. Up to here whole seconds are exact in a double. */
const LONGEST = 2 ** 62

/** `10ms`, `1.5s`, `2m`; without a unit it is seconds. `undefined` when the text is no duration. */
export function parseDuration(text: string): number | undefined {
  const found = /^(-?)(\d{1,15})(?:\.(\d{1,15}))?([a-zµμ]+)?$/.exec(text)
  if (found === null) return undefined
  const [, sign, whole = '', fraction = '', unit = 's'] = found
  const size = unitOf.get(unit)
  if (size === undefined) return undefined
  // In whole numbers, so that what `formatDuration` wrote gives the same double again.
  const parts = 10n ** BigInt(fraction.length)
  const value = Number((BigInt(whole + fraction) * BigInt(size) + parts / 2n) / parts)
  if (value > LONGEST) return undefined
  return sign === '-' && value > 0 ? -value : value
}

/** In the largest of s, ms, us and ns that is not above it, with all its digits: `1.5s`, `250ms`. */
export function formatDuration(nanoseconds: number): string {
  const value = Math.abs(nanoseconds)
  const sign = nanoseconds < 0 ? '-' : ''
  const [names, size] = UNITS.slice(0, 4).findLast(([, size]) => value >= size) ?? [['s'], SECOND]
  const whole = Math.floor(value / size)
  const rest = Math.round(value - whole * size)
  const places = String(size).length - 1
  const fraction = rest === 0 ? '' : `.${String(rest).padStart(places, '0').replace(/0+$/, '')}`
  return `${sign}${whole}${fraction}${names[0]}`
}

/** Nanoseconds since 1970, both ends included. */
export interface TimeRange {
  readonly low: bigint
  readonly high: bigint
}

const TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i

const NS_PER_MS = 1_000_000n
const DAY = 86_400_000_000_000n
const MINUTE = 60_000_000_000n

/**
 * `2026-11-22`, `2026-11-22T12:45`, `2026-11-22T12:45:07.250Z` (ISO 8601; a blank may stand for the T): from
 * the first to the last nanosecond that begins so. Without a zone it is UTC, as the bench shows times.
 */
export function parseTime(text: string): TimeRange | undefined {
  const [, year, month, day, hour = '0', minute = '0', second, digits, zone = 'Z'] = TIME.exec(text) ?? []
  if (year === undefined) return undefined
  const parts = [year, month, day, hour, minute, second ?? '0'].map(Number)
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0] = parts
  const at = new Date(Date.UTC(y, mo - 1, d, h, mi, s))
  // No capture is older than the clock, and beyond four digits the text would read otherwise.
  if (y < 1970 || y > 9998) return undefined
  // Date takes February 30 for March 2.
  const same = [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate(), at.getUTCHours()]
  const rest = [at.getUTCMinutes(), at.getUTCSeconds()]
  if ([...same, ...rest].some((part, i) => part !== parts[i])) return undefined
  const fraction = BigInt((digits ?? '').padEnd(9, '0'))
  const low = BigInt(at.getTime()) * NS_PER_MS + fraction - zoneOffset(zone)
  return { low, high: low + precision(text, second, digits) - 1n }
}

function precision(text: string, second: string | undefined, digits: string | undefined): bigint {
  if (text.length === 'yyyy-mm-dd'.length) return DAY
  if (second === undefined) return MINUTE
  return 10n ** BigInt(9 - (digits ?? '').length)
}

function zoneOffset(zone: string): bigint {
  if (zone.toUpperCase() === 'Z') return 0n
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  return BigInt(zone.startsWith('-') ? -minutes : minutes) * MINUTE
}

/** As `parseTime` reads it, in UTC; a range that is no such period is written from end to end. */
export function formatTimes({ low, high }: TimeRange): string {
  const size = high - low + 1n
  const iso = isoTime(low)
  const aligned = low % size === 0n
  if (aligned && size === DAY) return iso.slice(0, 10)
  if (aligned && size === MINUTE) return `${iso.slice(0, 16)}Z`
  const zeros = String(size).length - 1
  if (aligned && zeros <= 9 && size === 10n ** BigInt(zeros)) {
    return zeros === 9 ? `${iso.slice(0, 19)}Z` : `${iso.slice(0, 29 - zeros)}Z`
  }
  return `${isoTime(low)}..${isoTime(high)}`
}

function isoTime(ns: bigint): string {
  const fraction = ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n
  const seconds = Number((ns - fraction) / NS_PER_MS)
  return `${new Date(seconds).toISOString().slice(0, 19)}.${String(fraction).padStart(9, '0')}Z`
}
