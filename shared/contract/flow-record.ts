/** What was said between controllers and devices, taken from a capture to be made a flow of (shared/flow/record). */
import * as v from 'valibot'
import type { RecordedPacket } from '../flow/record/recorder.ts'
import { command } from './command.ts'

/** Packets that are taken at the most: a flow has 2,000 steps. */
export const MAX_EXCHANGED = 4000
/** Of those, messages that are no Records: a device that reports much leaves room for its answers. */
export const MAX_PLAIN = 1000

export interface Exchange {
  /** In the order of the capture, each Record and each other message once. */
  readonly packets: readonly RecordedPacket[]
  /** Client IDs of devices, by endpoint ID, where they differ from it. */
  readonly clientIds: Readonly<Record<string, string>>
  /** Records and messages beyond the limits that are not there. */
  readonly more: number
  /** Packets that cannot be in a flow: why, how many, and the first of them. */
  readonly left: readonly { readonly why: string; readonly count: number; readonly first: number }[]
}

const capture = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/))
const rowNumber = v.pipe(v.number(), v.integer(), v.minValue(0))

export const flowRecordCommands = {
  /** The messages of the packets that the filter takes, of those from … to where given. */
  'flows.exchange': command<Exchange>()(
    v.strictObject({
      capture,
      filter: v.pipe(v.string(), v.maxLength(10_000)),
      from: v.optional(rowNumber),
      to: v.optional(rowNumber),
    }),
  ),
} as const
