/** Times of pcapng: 64-bit counts of ticks since 1970, in two halves, at a resolution that the interface states. */
import type { Time } from './format.ts'

const NS_PER_SEC = 1_000_000_000
const WORD = 0x1_0000_0000

/** `if_tsresol` of nanoseconds and of microseconds, which is also what holds when there is none. */
export const NANOSECONDS = 9
export const MICROSECONDS = 6

const cache = new Map<number, number>()

/** Ticks in a second of an `if_tsresol` octet; may be beyond what a number holds exactly. */
function ticksPerSecond(resolution: number): number {
  let ticks = cache.get(resolution)
  if (ticks === undefined) {
    ticks = resolution & 0x80 ? 2 ** (resolution & 0x7f) : Number(10n ** BigInt(resolution))
    cache.set(resolution, ticks)
  }
  return ticks
}

/** Seconds and nanoseconds of a count of ticks given as two 32-bit halves. Finer than nanoseconds is cut off. */
export function timeOfTicks(high: number, low: number, resolution: number): Time {
  const perSecond = ticksPerSecond(resolution)
  if (perSecond > NS_PER_SEC || NS_PER_SEC % perSecond !== 0) return slowTime(high, low, resolution)
  // Long division in base 65536: the count itself does not fit into a double.
  let rest = 0
  let sec = 0
  for (let i = 0; i < 4; i++) {
    const word = i < 2 ? high : low
    const dividend = rest * 65_536 + ((i & 1) === 0 ? word >>> 16 : word & 0xffff)
    const quotient = Math.floor(dividend / perSecond)
    rest = dividend - quotient * perSecond
    sec = sec * 65_536 + quotient
  }
  return { sec, nsec: rest * (NS_PER_SEC / perSecond) }
}

function slowTime(high: number, low: number, resolution: number): Time {
  const ticks = (BigInt(high) << 32n) | BigInt(low)
  const perSecond = exactTicks(resolution)
  const sec = ticks / perSecond
  return { sec: Number(sec), nsec: Number(((ticks - sec * perSecond) * BigInt(NS_PER_SEC)) / perSecond) }
}

const exactTicks = (resolution: number): bigint =>
  resolution & 0x80 ? 2n ** BigInt(resolution & 0x7f) : 10n ** BigInt(resolution)

/** Nanoseconds since 1970 as two 32-bit halves. `sec` at least 0 and below 2^34, as 64 bits hold no more. */
export function nanosecondTicks({ sec, nsec }: Time): readonly [high: number, low: number] {
  const upper = Math.floor(sec / 65_536) * NS_PER_SEC
  const lower = (sec % 65_536) * NS_PER_SEC + nsec + (upper % 65_536) * 65_536
  return [(Math.floor(upper / 65_536) + Math.floor(lower / WORD)) >>> 0, (lower % WORD) >>> 0]
}
