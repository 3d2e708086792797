/** The part of the contract about faults on purpose. They are held in memory: a bench that starts has none. */
import * as v from 'valibot'
import type { BookedFault } from '../faults/book.ts'
import { connackParts, FAULT_LIMITS, faultWays } from '../faults/model.ts'
import { command } from './command.ts'

const text = (max: number) => v.pipe(v.string(), v.maxLength(max))
const whole = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max))
const id = text(100)

const action = v.variant('kind', [
  v.strictObject({ kind: v.literal('refuse'), reasonCode: whole(0x80, 0xff) }),
  v.strictObject({
    kind: v.literal('delay'),
    ms: whole(0, FAULT_LIMITS.delayMs),
    jitterMs: whole(0, FAULT_LIMITS.delayMs),
  }),
  v.strictObject({ kind: v.literal('drop') }),
  v.strictObject({ kind: v.literal('duplicate'), copies: whole(1, FAULT_LIMITS.copies) }),
  v.strictObject({ kind: v.literal('reorder'), behind: whole(1, FAULT_LIMITS.behind) }),
  v.strictObject({ kind: v.literal('cut'), bytes: whole(0, 0xfff_ffff) }),
  v.strictObject({
    kind: v.literal('shrink'),
    receiveMaximum: v.optional(whole(1, 65_535)),
    maximumPacketSize: v.optional(whole(1, 0xffff_ffff)),
    topicAliasMaximum: v.optional(whole(0, 65_535)),
    serverKeepAlive: v.optional(whole(0, 65_535)),
  }),
  v.strictObject({
    kind: v.literal('omit'),
    parts: v.pipe(v.array(v.picklist(connackParts)), v.maxLength(connackParts.length), v.readonly()),
  }),
])

/** Read from what a person or a flow wrote. */
export const faultSchema = v.strictObject({
  name: v.pipe(text(FAULT_LIMITS.name), v.trim(), v.nonEmpty('A fault has a name')),
  device: text(65_535),
  way: v.picklist(faultWays),
  filter: text(10_000),
  percent: whole(1, 100),
  times: v.optional(whole(1, FAULT_LIMITS.times)),
  seconds: v.optional(whole(1, FAULT_LIMITS.seconds)),
  action,
})

export const faultCommands = {
  /** Adds a fault, switched on. */
  'faults.add': command<{ readonly id: string }>()(v.strictObject({ fault: faultSchema })),
  /** Changes a fault; it stays on or off, and its counts and time begin anew. */
  'faults.change': command<void>()(v.strictObject({ id, fault: faultSchema })),
  'faults.switch': command<void>()(v.strictObject({ id, on: v.boolean() })),
  /** Switches all of them off. */
  'faults.stop': command<void>()(v.undefined()),
  'faults.remove': command<void>()(v.strictObject({ id })),
} as const

/** Times in milliseconds since 1970. */
export type FaultRow = BookedFault

/** Told at most four times a second, while packets are met. */
export interface FaultsState {
  /** In the order in which they meet a packet. */
  readonly list: readonly FaultRow[]
}
