/** A fault while it is written down. Pure. */
import type { Fault, FaultAction, FaultKind } from '../../../shared/faults/model.ts'
import type { Preset } from '../../../shared/faults/presets.ts'

/** What an action begins with when its kind is chosen. */
export const firstActions: Readonly<Record<FaultKind, FaultAction>> = {
  refuse: { kind: 'refuse', reasonCode: 0x97 },
  delay: { kind: 'delay', ms: 500, jitterMs: 0 },
  drop: { kind: 'drop' },
  duplicate: { kind: 'duplicate', copies: 1 },
  reorder: { kind: 'reorder', behind: 1 },
  cut: { kind: 'cut', bytes: 10 },
  shrink: { kind: 'shrink', receiveMaximum: 1 },
  omit: { kind: 'omit', parts: ['subscribe-topic'] },
}

export const kindWords: Readonly<Record<FaultKind, string>> = {
  refuse: 'Refuse it with a reason code',
  delay: 'Delay it, and what is behind it',
  drop: 'Drop it',
  duplicate: 'Send it again',
  reorder: 'Let others go first',
  cut: 'Cut the line in the middle of it',
  shrink: 'Tell smaller limits in CONNACK',
  omit: 'Leave topics out of CONNACK',
}

export const wayWords = { in: 'from the device', out: 'to the device', both: 'both ways' } as const

export const faultOf = ({ name, way, filter, action }: Preset, device: string): Fault => ({
  name,
  device,
  way,
  filter,
  percent: 100,
  action,
})

/** `fault` with `part` changed; a part that is undefined is left out. */
export function changed(fault: Fault, part: { readonly [K in keyof Fault]?: Fault[K] | undefined }): Fault {
  const next: Record<string, unknown> = { ...fault }
  for (const [key, value] of Object.entries(part)) {
    if (value === undefined) delete next[key]
    else next[key] = value
  }
  return next as unknown as Fault
}

/** A whole number as typed; undefined for an empty field, which means no limit. */
export function numberOf(text: string): number | undefined {
  const value = Number(text)
  return text.trim() === '' || !Number.isFinite(value) ? undefined : Math.trunc(value)
}
