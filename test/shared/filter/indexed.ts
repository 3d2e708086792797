/**
 * Packets as an index of the engine holds them: its own columns and dictionaries, seen through the interfaces of
 * the filter language, with packets dissected when asked for.
 */
import { emptyEntry, Columns, RowType, type ColumnChunk } from '../../../electron/engine/capture/columns.ts'
import { Connections, deviceLabel, searchText } from '../../../electron/engine/capture/connections.ts'
import { Dictionary } from '../../../electron/engine/capture/dictionary.ts'
import { Indexer } from '../../../electron/engine/capture/indexer.ts'
import type { ConnectionFacts } from '../../../shared/contract/model.ts'
import { chooseView } from '../../../shared/dissect/content/views.ts'
import type { Field } from '../../../shared/dissect/field.ts'
import type {
  ColumnBlock,
  ColumnName,
  ColumnSource,
  PacketView,
  TextColumn,
} from '../../../shared/filter/columns.ts'
import { COLUMNS, isTextColumn } from '../../../shared/filter/columns.ts'
import { dissectMqtt } from '../../../shared/mqtt/dissect.ts'
import { frameLength } from '../../../shared/mqtt/frame.ts'
import { getProperty } from '../../../shared/mqtt/properties.ts'
import type { ProtocolLevel } from '../../../shared/mqtt/packets.ts'
import { readStreams, type Chunk } from '../../fixtures/pcap.ts'

/** What a connection says, by text column. */
const connectionTexts: Partial<Record<TextColumn, (facts: ConnectionFacts) => string>> = {
  connection: ({ id }) => String(id),
  device: deviceLabel,
  transport: ({ transport }) => transport,
  version: ({ version = '' }) => version,
  clientId: ({ clientId = '' }) => clientId,
  username: ({ username = '' }) => username,
  endpointId: ({ endpointId = '' }) => endpointId,
  peerAddress: ({ remoteAddress }) => remoteAddress,
  peerPort: ({ remotePort }) => String(remotePort),
  localAddress: ({ localAddress }) => localAddress,
  localPort: ({ listenerPort }) => String(listenerPort),
  who: searchText,
}

/** Columns of the filter language that are columns of the index as they are. */
const plain: Partial<Record<ColumnName, keyof ColumnChunk>> = {
  time: 'time',
  elapsed: 'time',
  length: 'length',
  type: 'type',
  flags: 'flags',
  packetId: 'packetId',
  reasonCode: 'reasonCode',
  direction: 'direction',
  verdict: 'verdict',
  topic: 'topic',
  usp: 'usp',
  msgId: 'msgId',
}

/** 2026-01-01T00:00:00Z. */
export const EPOCH = BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n
/** Time from row to row. */
const STEP = 1_000_000

export class Indexed implements ColumnSource {
  readonly epoch = EPOCH
  readonly #columns = new Columns(1 << 16)
  readonly #topics = new Dictionary()
  readonly #usps = new Dictionary()
  readonly #msgIds = new Dictionary()
  readonly #connections = new Connections(this.#topics, () => undefined)
  readonly #indexer = new Indexer(this.#connections, {
    topics: this.#topics,
    usps: this.#usps,
    msgIds: this.#msgIds,
  })
  readonly #packets: Uint8Array[] = []
  readonly #trees = new Map<number, readonly Field[]>()

  get rows(): number {
    return this.#columns.rows
  }

  open(
    id: number,
    peer = { ip: '192.168.1.7', port: 50_000 },
    bench = { ip: '192.168.1.1', port: 1883 },
  ): void {
    this.#connections.opened(id, {
      transport: 'tcp',
      remoteAddress: peer.ip,
      remotePort: peer.port,
      localAddress: bench.ip,
      listenerPort: bench.port,
    })
  }

  /** Adds a row and answers its number. */
  add(id: number, direction: 'in' | 'out', bytes: Uint8Array, malformed = false): number {
    const connection = this.#connections.findOrAdd(id)
    const entry = emptyEntry()
    if (malformed) entry.direction = direction === 'in' ? 0 : 1
    else this.#indexer.fill(entry, connection, direction, bytes, 0, bytes.length)
    return this.#append(id, entry, bytes)
  }

  close(id: number): number {
    return this.#append(id, { ...emptyEntry(), type: RowType.close }, new Uint8Array(0))
  }

  #append(id: number, entry: ReturnType<typeof emptyEntry>, bytes: Uint8Array): number {
    const { slot } = this.#connections.findOrAdd(id)
    const no = this.#columns.end
    this.#columns.append(no, { ...entry, connection: slot, time: no * STEP, length: bytes.length })
    this.#connections.retain(slot, no)
    this.#packets.push(bytes)
    return no
  }

  text(column: TextColumn, id: number): string {
    if (column === 'topic') return this.#topics.text(id)
    if (column === 'usp') return this.#usps.text(id)
    if (column === 'msgId') return this.#msgIds.text(id)
    return connectionTexts[column]?.(this.#connections.at(id).facts) ?? ''
  }

  /** All rows; `from` of a run is row 1. */
  get block(): ColumnBlock {
    const { chunk, to } = this.#columns.run(1)
    const numbers = Float64Array.from({ length: to }, (_, i) => i + 1)
    const deltas = Float64Array.from({ length: to }, (_, i) => (i === 0 ? Number.NaN : STEP))
    return {
      values(column) {
        if (column === 'no') return numbers
        if (column === 'delta') return deltas
        if (COLUMNS[column] === 'connection') return chunk.connection
        const own = plain[column]
        return own && chunk[own]
      },
    }
  }

  /** The packet of a row, with only the columns that `knows` lets through. */
  packet(no: number, knows: (column: ColumnName) => boolean = () => true): PacketView {
    const { block, epoch } = this
    const cell = (column: ColumnName) => block.values(column)?.[no - 1]
    return {
      column: (name) => {
        const value = knows(name) ? cell(name) : undefined
        if (value === undefined) return undefined
        if (name === 'time') return epoch + BigInt(value)
        return isTextColumn(name) ? this.text(name, value) : value
      },
      bytes: () => this.bytes(no),
      fields: () => this.fields(no),
    }
  }

  bytes(no: number): Uint8Array {
    return this.#packets[no - 1] as Uint8Array
  }

  level(no: number): ProtocolLevel {
    return this.#connections.at(this.#columns.get(no, 'connection')).level
  }

  fields(no: number): readonly Field[] {
    let fields = this.#trees.get(no)
    if (fields === undefined) this.#trees.set(no, (fields = this.#dissect(no)))
    return fields
  }

  #dissect(no: number): readonly Field[] {
    const bytes = this.bytes(no)
    if (bytes.length === 0) return []
    const topic = this.#topics.text(this.#columns.get(no, 'topic'))
    const options = this.#columns.get(no, 'type') === 3 && topic !== '' ? { topic } : {}
    const { fields, packet, payload } = dissectMqtt(bytes, this.level(no), options)
    if (packet?.type !== 'PUBLISH' || payload === undefined) return fields
    const { start, end } = payload
    if (start === end) return fields
    const contentType = getProperty(packet.properties, 'contentType')
    const view = chooseView(bytes.subarray(start, end), { contentType })
    return [...fields, ...view.dissect(bytes, start, end)]
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
