/** Numbers, sizes and times as the bench shows them. Pure; every time is UTC unless it says otherwise. */

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** `12481` → `12,481`. */
export const count = (n: number): string => grouped.format(n)

/** Short enough for a badge: `999`, `12k`, `1.2M`. Rounded down, so that it never promises more. */
export function compact(n: number): string {
  if (n < 1000) return String(n)
  const [divisor, unit] = n < 1e6 ? [1e3, 'k'] : n < 1e9 ? [1e6, 'M'] : [1e9, 'G']
  const scaled = n / divisor
  return (scaled < 10 ? Math.floor(scaled * 10) / 10 : Math.floor(scaled)) + unit
}

/** Decimal units, three digits at least: `584 B`, `4.2 MB`. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  let value = bytes
  let unit = 'B'
  for (const next of ['kB', 'MB', 'GB', 'TB']) {
    if (value < 999.95) break
    value /= 1000
    unit = next
  }
  return `${value < 99.95 ? value.toFixed(1) : value.toFixed(0)} ${unit}`
}

/** `1 packet`, `2 packets`, `1,024 packets`. */
export const plural = (n: number, one: string, many = `${one}s`): string =>
  `${count(n)} ${n === 1 ? one : many}`

/** A rate of one second: `0.4`, `41`, `20,134`. */
export const rate = (n: number): string =>
  n > 0 && n < 10 && !Number.isInteger(n) ? n.toFixed(1) : count(Math.round(n))

const two = (n: number): string => String(n).padStart(2, '0')

/** `09:14:07.331` from milliseconds since 1970. */
export function clock(ms: number, milliseconds = true): string {
  const date = new Date(ms)
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
  return milliseconds ? `${time}.${String(date.getUTCMilliseconds()).padStart(3, '0')}` : time
}

/** `2026-03-01 09:14:07.331 UTC`, for titles. */
export const dateTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 10)} ${clock(ms)} UTC`

/** A moment as a capture holds it: seconds since 1970 and nanoseconds within them. */
export interface Moment {
  readonly sec: number
  readonly nsec: number
}

export const timeFormats = ['delta', 'utc', 'utc-ns', 'local', 'first'] as const
export type TimeFormat = (typeof timeFormats)[number]

export const timeFormatLabels: Readonly<Record<TimeFormat, string>> = {
  delta: 'Δ previous shown',
  utc: 'UTC, milliseconds',
  'utc-ns': 'UTC, nanoseconds',
  local: 'Local time, milliseconds',
  first: 'Since first packet',
}

/** `09:14:07.331` or, with `digits` 9, `09:14:07.331000123`. Digits below are dropped, not rounded up. */
export function timeOfDay(at: Moment, digits: 3 | 9): string {
  return `${clock(at.sec * 1000, false)}.${String(at.nsec).padStart(9, '0').slice(0, digits)}`
}

/** The same in the time zone of this machine, milliseconds. */
export function localTimeOfDay(at: Moment): string {
  const date = new Date(at.sec * 1000)
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
  return `${time}.${String(at.nsec).padStart(9, '0').slice(0, 3)}`
}

/** Seconds from `from` to `to` with microseconds, exact: `0.000041`; with a sign when it goes back. */
export function elapsed(from: Moment, to: Moment): string {
  let sec = to.sec - from.sec
  let nsec = to.nsec - from.nsec
  const back = sec < 0 || (sec === 0 && nsec < 0)
  if (back) {
    sec = -sec
    nsec = -nsec
  }
  if (nsec < 0) {
    sec -= 1
    nsec += 1e9
  }
  return `${back ? '-' : ''}${sec}.${String(Math.floor(nsec / 1000)).padStart(6, '0')}`
}

/** How long ago, in one unit: `now`, `12 s ago`, `3 min ago`, `5 h ago`, `2 d ago`. */
export function ago(ms: number, now: number): string {
  const seconds = Math.floor((now - ms) / 1000)
  if (seconds < 1) return 'now'
  return `${span(seconds)} ago`
}

/** A length of time in its largest unit: `12 s`, `3 min`, `5 h`, `2 d`. */
export function span(seconds: number): string {
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86_400)} d`
}

/** `0.74 ms`, `152 ms`, `12.0 s`: three digits at least. */
export function latencyText(ms: number): string {
  if (ms < 9.995) return `${ms.toFixed(2)} ms`
  if (ms < 99.95) return `${ms.toFixed(1)} ms`
  return ms < 9999.5 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`
}
