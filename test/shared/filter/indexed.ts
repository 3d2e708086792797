/** Packets as an index of the engine holds them, in memory, for tests of the filter language. */
import { Archive } from '../../../electron/engine/capture/archive.ts'
import type { PacketLog } from '../../../electron/engine/capture/packet-log.ts'
import type { Field } from '../../../shared/dissect/field.ts'
import type {
  ColumnBlock,
  ColumnName,
  ColumnSource,
  PacketView,
  TextColumn,
} from '../../../shared/filter/columns.ts'
import type { Wanted } from '../../../shared/filter/wanted.ts'
import { frameLength } from '../../../shared/mqtt/frame.ts'
import { readStreams, type Chunk } from '../../fixtures/pcap.ts'

/** 2026-01-01T00:00:00Z. */
const SECOND = Date.UTC(2026, 0, 1) / 1000
export const EPOCH = BigInt(SECOND) * 1_000_000_000n
/** Nanoseconds from row to row. */
const STEP = 1_000_000

/** Keeps packets as they are; the offset of one is its place in the list. */
function memoryLog(): PacketLog {
  const packets: Uint8Array[] = []
  return {
    bytes: 0,
    opened: () => undefined,
    identified: () => undefined,
    frame: (_no, _time, _connection, _direction, bytes) => packets.push(bytes) - 1,
    note: () => undefined,
    closed: () => packets.length,
    read: (offset) => packets[offset] as Uint8Array,
    oldestEnd: () => undefined,
    dropBefore: () => undefined,
  }
}

export class Indexed implements ColumnSource {
  readonly epoch = EPOCH
  readonly #archive = new Archive({
    epoch: { sec: SECOND, nsec: 0 },
    budgetBytes: Infinity,
    viewChanged: () => undefined,
    log: memoryLog,
  })
  readonly #trees = new Map<number, readonly Field[]>()

  get rows(): number {
    return this.#archive.counts.rows
  }

  open(
    id: number,
    peer = { ip: '192.168.1.7', port: 50_000 },
    bench = { ip: '192.168.1.1', port: 1883 },
  ): void {
    const facts = {
      transport: 'tcp',
      remoteAddress: peer.ip,
      remotePort: peer.port,
      localAddress: bench.ip,
      listenerPort: bench.port,
    } as const
    this.#archive.opened(id, facts, this.rows * STEP)
  }

  /** Adds a row and answers its number. */
  add(id: number, direction: 'in' | 'out', bytes: Uint8Array, malformed = false): number {
    const no = this.rows + 1
    this.#archive.frame(no, no * STEP, id, direction, malformed, bytes, 0, bytes.length)
    return no
  }

  close(id: number): number {
    const no = this.rows + 1
    this.#archive.closed(no, no * STEP, id, { by: 'device', reason: '', probe: false })
    return no
  }

  text(column: TextColumn, id: number): string {
    return this.#archive.index.text(column, id)
  }

  /** All rows; row 1 is at place 0. */
  get block(): ColumnBlock {
    const { index } = this.#archive
    return index.block(index.columns.run(1))
  }

  /** The packet of a row, with only the columns that `knows` lets through. */
  packet(no: number, knows: (column: ColumnName) => boolean = () => true): PacketView {
    const packet = this.#archive.index.packet(no)
    return {
      column: (name) => (knows(name) ? packet.column(name) : undefined),
      bytes: packet.bytes,
      fields: () => this.fields(no),
    }
  }

  /** The fields of a row of which only those wanted need be there. */
  part(no: number, wanted: Wanted): readonly Field[] {
    return this.#archive.index.packet(no, wanted).fields()
  }

  bytes(no: number): Uint8Array {
    return this.#archive.index.packet(no).bytes()
  }

  fields(no: number): readonly Field[] {
    let fields = this.#trees.get(no)
    if (fields === undefined) this.#trees.set(no, (fields = this.#archive.index.packet(no).fields()))
    return fields
  }
}

/** The packets of a capture file, connection after connection, each in the order in which they could be read. */
export function readCapture(name: string): Indexed {
  const index = new Indexed()
  const file = new URL(`../../fixtures/captures/${name}`, import.meta.url)
  readStreams(file).forEach((stream, i) => {
    const id = i + 1
    index.open(id, stream.client, stream.server)
    const rest: Record<Chunk['dir'], Buffer> = { out: Buffer.alloc(0), in: Buffer.alloc(0) }
    for (const { dir, bytes } of stream.chunks) {
      rest[dir] = Buffer.concat([rest[dir], bytes])
      for (;;) {
        const length = frameLength(rest[dir], 0, rest[dir].length)
        if (length <= 0 || length > rest[dir].length) break
        index.add(id, dir === 'out' ? 'in' : 'out', Uint8Array.from(rest[dir].subarray(0, length)))
        rest[dir] = rest[dir].subarray(length)
      }
    }
    index.close(id)
  })
  return index
}
