/** A Record within an end-to-end session context (TR-369 2.3): its fields, with the place of each payload. */
import type { Range } from './peek.ts'
import { LENGTH_DELIMITED, utf8, VARINT, varint64, WireReader } from './wire.ts'

/** Values of payload_sar_state and payloadrec_sar_state, by number. */
export const SAR_STATES = ['NONE', 'BEGIN', 'INPROCESS', 'COMPLETE'] as const
export type SarState = (typeof SAR_STATES)[number]

export interface SessionRecord {
  readonly fromId: string
  readonly toId: string
  /** payload_security is TLS12 (or a value that is not known): the payloads cannot be read. */
  readonly encrypted: boolean
  readonly sessionId: bigint
  readonly sequenceId: bigint
  readonly expectedId: bigint
  /** 0 when nothing is asked for. */
  readonly retransmitId: bigint
  /** `undefined` for a number that is none of the states (R-ENC.2). */
  readonly sarState: SarState | undefined
  readonly payloadRecSarState: SarState | undefined
  /** The bytes that `payloads` point into: those of the packet. */
  readonly bytes: Uint8Array
  readonly payloads: readonly Range[]
}

const RECORD = { toId: 2, fromId: 3, security: 4, sessionContext: 8 } as const
const FIRST_KIND = 7
const LAST_KIND = 13

/**
 * Reads `bytes[start, end)`. `undefined` when that is not a sound Record, or one of another type. Keeps no copy:
 * `bytes` must not change while the record is used. Never throws.
 */
export function readSessionRecord(bytes: Uint8Array, start: number, end: number): SessionRecord | undefined {
  const reader = new WireReader(bytes, start, end)
  let toId = ''
  let fromId = ''
  let encrypted = false
  let body: Range | undefined
  while (reader.next()) {
    const { field, wireType, valueStart, valueEnd } = reader
    if (wireType === VARINT && field === RECORD.security) encrypted = reader.value !== 0
    if (wireType !== LENGTH_DELIMITED) continue
    if (field === RECORD.toId) toId = utf8(bytes, valueStart, valueEnd)
    else if (field === RECORD.fromId) fromId = utf8(bytes, valueStart, valueEnd)
    else if (field >= FIRST_KIND && field <= LAST_KIND) {
      // The last member of a oneof is the one that counts.
      body = field === RECORD.sessionContext ? { start: valueStart, end: valueEnd } : undefined
    }
  }
  if (reader.fault !== undefined || body === undefined) return undefined
  const context = readContext(bytes, body)
  return context && { fromId, toId, encrypted, bytes, ...context }
}

function readContext(bytes: Uint8Array, { start, end }: Range) {
  const reader = new WireReader(bytes, start, end)
  const numbers = [0n, 0n, 0n, 0n, 0n, 0n, 0n]
  const payloads: Range[] = []
  while (reader.next()) {
    const { field, wireType, valueStart, valueEnd } = reader
    if (wireType === VARINT && field < 7) numbers[field] = varint64(bytes, valueStart, valueEnd)
    else if (wireType === LENGTH_DELIMITED && field === 7) payloads.push({ start: valueStart, end: valueEnd })
  }
  if (reader.fault !== undefined) return undefined
  const [, sessionId = 0n, sequenceId = 0n, expectedId = 0n, retransmitId = 0n, sar = 0n, recSar = 0n] =
    numbers
  return {
    sessionId,
    sequenceId,
    expectedId,
    retransmitId,
    sarState: SAR_STATES[Number(sar)],
    payloadRecSarState: SAR_STATES[Number(recSar)],
    payloads,
  }
}
