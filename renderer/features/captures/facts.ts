/** Captures in words and figures. Pure. */
import type { CaptureInfo } from '../../../shared/contract/model.ts'
import { dateTime, span } from '../../ui/format.ts'
import type { Tone } from '../../ui/kit.tsx'

export const stateWords: Readonly<Record<CaptureInfo['state'], string>> = {
  live: 'live',
  stored: 'stored',
  opening: 'opening…',
  open: 'open',
}
export const stateTones: Readonly<Record<CaptureInfo['state'], Tone>> = {
  live: 'bad',
  stored: 'off',
  opening: 'warn',
  open: 'ok',
}

/** `2026-03-01 09:14:07`, UTC. */
export const startedText = ({ startedAt }: CaptureInfo): string =>
  dateTime(Date.parse(startedAt)).slice(0, 19)

/** How long it ran, or runs; empty when its end is not known. `now`: milliseconds since 1970. */
export function lengthText({ startedAt, endedAt, state }: CaptureInfo, now: number): string {
  const end = endedAt === undefined ? (state === 'live' ? now : undefined) : Date.parse(endedAt)
  if (end === undefined) return ''
  return span(Math.max(0, Math.floor((end - Date.parse(startedAt)) / 1000)))
}

/** The live one first, then the newest. */
export const sortedCaptures = (captures: readonly CaptureInfo[]): CaptureInfo[] =>
  [...captures].sort((a, b) =>
    a.state === 'live' ? -1 : b.state === 'live' ? 1 : b.startedAt.localeCompare(a.startedAt),
  )
