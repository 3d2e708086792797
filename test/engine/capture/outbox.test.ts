import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  type BatchReader,
  jsonBody,
  MALFORMED,
  OUTBOUND,
  readBatch,
  Tag,
} from '../../../electron/engine/capture/batch.ts'
import { Outbox } from '../../../electron/engine/capture/outbox.ts'

interface Posted {
  readonly buffer: ArrayBuffer
  readonly used: number
}

const limits = { batchBytes: 1024, delayMs: 10, maxBytes: 4096, reserveBytes: 2048 }

function outbox() {
  const posted: Posted[] = []
  const box = new Outbox((buffer, used) => posted.push({ buffer, used }), limits)
  const frame = (no: number, body: Uint8Array) => box.write(Tag.frame, 0, 1, no, no, body)
  return { box, posted, frame }
}

/** What a reader hears, as lists. */
function heard(posted: readonly Posted[]): unknown[][] {
  const calls: unknown[][] = []
  const reader: BatchReader = {
    frame: (no, time, connection, direction, malformed, bytes, start, end) =>
      calls.push(['frame', no, time, connection, direction, malformed, [...bytes.subarray(start, end)]]),
    opened: (...args) => calls.push(['opened', ...args]),
    closed: (...args) => calls.push(['closed', ...args]),
    note: (...args) => calls.push(['note', ...args]),
  }
  for (const { buffer, used } of posted) readBatch(buffer, used, reader)
  return calls
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('Outbox', () => {
  test('hands over every kind of record as it was told, in order', () => {
    const { box, posted } = outbox()
    const opened = {
      transport: 'ws',
      listenerPort: 8083,
      remoteAddress: '192.168.1.7',
      remotePort: 40_000,
      localAddress: '192.168.1.2',
    } as const
    const closed = { by: 'network', reason: 'ECONNRESET – ü', probe: false } as const
    const note = {
      kind: 'refused',
      rule: 'takeover',
      text: 'the same client ID came again',
      reasonCode: 0x8e,
    } as const
    box.write(Tag.opened, 0, 7, 0, 0, jsonBody(opened))
    box.write(Tag.frame, 0, 7, 123_456_789_012_345, 2 ** 40, new Uint8Array([0xc0, 0]))
    box.write(Tag.frame, OUTBOUND | MALFORMED, 0xffffffff, 2.5e9, 3, new Uint8Array(9).fill(255))
    box.write(Tag.note, 0, 0, 0, 3, jsonBody(note))
    box.write(Tag.closed, 0, 7, 99, 4, jsonBody(closed))
    box.flush()
    expect(heard(posted)).toEqual([
      ['opened', 7, opened, 0],
      ['frame', 2 ** 40, 123_456_789_012_345, 7, 'in', false, [0xc0, 0]],
      ['frame', 3, 2.5e9, 0xffffffff, 'out', true, Array<number>(9).fill(255)],
      ['note', 3, note],
      ['closed', 4, 99, 7, closed, 0],
    ])
  })

  test('posts a full batch at once and the rest after 10 ms', () => {
    const { posted, frame } = outbox()
    for (let no = 1; no <= 10; no++) frame(no, new Uint8Array(100))
    expect(posted).toHaveLength(1)
    vi.advanceTimersByTime(9)
    expect(posted).toHaveLength(1)
    vi.advanceTimersByTime(1)
    expect(heard(posted).map(([, no]) => no)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  test('gives a record larger than a batch a buffer of its own', () => {
    const { box, posted, frame } = outbox()
    frame(1, new Uint8Array([1]))
    frame(2, new Uint8Array(3000).fill(2))
    frame(3, new Uint8Array([3]))
    box.flush()
    expect(posted.map(({ buffer }) => buffer.byteLength)).toEqual([1024, 3040, 1024])
    expect(heard(posted).map(([, no]) => no)).toEqual([1, 2, 3])
  })

  test('uses buffers again', () => {
    const { box, posted, frame } = outbox()
    frame(1, new Uint8Array([1]))
    box.flush()
    const [first] = posted as [Posted]
    box.taken(first.buffer)
    frame(2, new Uint8Array([2]))
    box.flush()
    expect(posted[1]?.buffer).toBe(first.buffer)
    expect(heard(posted.slice(1))).toEqual([['frame', 2, 2, 1, 'in', false, [2]]])
  })

  test('posts only full batches while the worker is behind', () => {
    const { box, posted, frame } = outbox()
    for (let no = 1; no <= 4; no++) {
      frame(no, new Uint8Array([no]))
      vi.advanceTimersByTime(10)
    }
    expect(posted).toHaveLength(4)
    frame(5, new Uint8Array([5]))
    vi.advanceTimersByTime(1000)
    expect(posted).toHaveLength(4)
    box.taken((posted[0] as Posted).buffer)
    vi.advanceTimersByTime(10)
    expect(posted).toHaveLength(5)
  })

  test('refuses frames when too much is under way, and keeps a reserve for what must not be lost', () => {
    const { box, posted, frame } = outbox()
    for (let no = 1; box.accepts(900, false); no++) frame(no, new Uint8Array(900))
    // The four posted are all there may be; the one being filled is not under way yet.
    expect(posted.reduce((sum, { buffer }) => sum + buffer.byteLength, 0)).toBe(4096)
    expect(box.accepts(900, true)).toBe(true)
    expect(box.accepts(3000, true)).toBe(false)
    box.taken((posted[0] as Posted).buffer)
    expect(box.accepts(900, false)).toBe(true)
  })

  test('lets one record through that is larger than all room there is', () => {
    const { box } = outbox()
    expect(box.accepts(1_000_000, false)).toBe(true)
  })
})
