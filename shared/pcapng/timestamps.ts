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

/**
 * The upper and the lower 32 bits of the nanoseconds since 1970. `sec` at least 0 and below 2^34, as 64 bits hold no
 * more. Two functions, as a pair would be made for each packet.
 */
export function upperTicks(sec: number, nsec: number): number {
  return (Math.floor(upperPart(sec) / 65_536) + Math.floor(lowerPart(sec, nsec) / WORD)) >>> 0
}

export const lowerTicks = (sec: number, nsec: number): number => (lowerPart(sec, nsec) % WORD) >>> 0

/** 65,536 times this and the other part are the nanoseconds: in parts that a double holds exactly. */
const upperPart = (sec: number): number => Math.floor(sec / 65_536) * NS_PER_SEC
const lowerPart = (sec: number, nsec: number): number =>
  (sec % 65_536) * NS_PER_SEC + nsec + (upperPart(sec) % 65_536) * 65_536
