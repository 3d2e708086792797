/** Puts the segments of one direction of a session together (TR-369 2.3: segmentation). */
import type { Finding } from '../dissect/field.ts'
import type { SessionRecord } from './session-record.ts'

/** A remark on a packet, which need not be the one that was just fed. */
export interface SessionFinding extends Finding {
  readonly packet: number
}

/** Where bytes stood: a range of that packet. */
export interface Part {
  readonly packet: number
  readonly start: number
  readonly end: number
}

/** Payloads that belong together. */
export interface Assembled {
  /** The Msg; absent when it is encrypted. */
  readonly bytes?: Uint8Array
  readonly length: number
  /** In order. */
  readonly parts: readonly Part[]
}

/** What a step yields, gathered while Records are worked on. */
export interface Yield {
  readonly assembled: Assembled[]
  readonly findings: SessionFinding[]
}

/** A Record whose payloads no longer point into a packet, so that it can wait. */
export interface HeldRecord {
  readonly packet: number
  readonly encrypted: boolean
  readonly sarState: SessionRecord['sarState']
  readonly chunks: readonly Uint8Array[]
  readonly parts: readonly Part[]
  /** Bytes of all payloads. */
  readonly length: number
  /** What it costs to keep: its bytes, and memory for itself and each payload. */
  readonly cost: number
}

/** About what a Record or a payload costs beside its bytes, so that tiny ones count as well. */
const OVERHEAD = 128

export function holdRecord(record: SessionRecord, packet: number): HeldRecord {
  const { bytes, encrypted, sarState } = record
  const payloads = record.payloads.filter(({ start, end }) => end > start)
  const length = payloads.reduce((sum, { start, end }) => sum + end - start, 0)
  return {
    packet,
    encrypted,
    sarState,
    // Encrypted bytes are of no use here; their length is.
    chunks: encrypted ? [] : payloads.map(({ start, end }) => bytes.slice(start, end)),
    parts: payloads.map(({ start, end }) => ({ packet, start, end })),
    length,
    cost: (encrypted ? 0 : length) + OVERHEAD * (1 + payloads.length),
  }
}

interface Open {
  readonly encrypted: boolean
  /** The packet that began it. */
  readonly packet: number
  readonly chunks: Uint8Array[]
  readonly parts: Part[]
  length: number
  cost: number
}

/** Takes the Records of one direction in the order of their sequence_id. */
export class Segments {
  private readonly maxBytes: number
  private open: Open | undefined
  /** The beginning is not known: segments without one are no fault. */
  private lost = false

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  /** Bytes that wait for the rest of their Msg. */
  get bytes(): number {
    return this.open?.cost ?? 0
  }

  /** The packet that began the unfinished Msg, if there is one. */
  get begunIn(): number | undefined {
    return this.open?.packet
  }

  /** Records are missing: what is open cannot be completed. */
  lose(): void {
    this.open = undefined
    this.lost = true
  }

  take(record: HeldRecord, result: Yield): void {
    const { packet, sarState: state } = record
    // A state that does not exist is told by who fed the Record.
    if (state === undefined) {
      this.lose()
      return
    }
    const say = (text: string, severity: Finding['severity'] = 'error') =>
      result.findings.push({ packet, severity, text })
    const begins = state === 'NONE' || state === 'BEGIN'
    if (begins && this.open) {
      say(`payload_sar_state ${state}, while what packet ${this.open.packet} began is not complete`)
      this.open = undefined
    }
    if (begins) {
      this.lost = false
      this.open = { encrypted: record.encrypted, packet, chunks: [], parts: [], length: 0, cost: 0 }
    } else if (!this.open) {
      if (!this.lost) say(`payload_sar_state ${state} without a BEGIN before it`)
      this.lost = true
      return
    }
    const { open } = this
    if (open && this.add(open, record, say) && (state === 'NONE' || state === 'COMPLETE')) {
      this.open = undefined
      // A Record without payload begins a session, or acknowledges.
      if (open.length > 0) result.assembled.push(finish(open))
    }
  }

  private add(open: Open, record: HeldRecord, say: (text: string, severity: 'warning') => void): boolean {
    open.length += record.length
    open.cost += record.cost
    if (open.cost <= this.maxBytes) {
      for (const part of record.parts) open.parts.push(part)
      for (const chunk of record.chunks) open.chunks.push(chunk)
      return true
    }
    const text = `What packet ${open.packet} began needs more than ${this.maxBytes} bytes: it is not put together`
    say(text, 'warning')
    this.lose()
    return false
  }
}

function finish({ encrypted, chunks, parts, length }: Open): Assembled {
  if (encrypted) return { length, parts }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return { bytes, length, parts }
}
