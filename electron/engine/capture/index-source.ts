/** The index of a capture as the filter language sees it: columns, texts behind ids, and packets one by one. */
import type { ConnectionFacts } from '../../../shared/contract/model.ts'
import type { Field } from '../../../shared/dissect/field.ts'
import {
  COLUMNS,
  isTextColumn,
  type ColumnBlock,
  type ColumnName,
  type ColumnSource,
  type ColumnValue,
  type PacketView,
  type TextColumn,
} from '../../../shared/filter/columns.ts'
import type { Wanted } from '../../../shared/filter/wanted.ts'
import type { Columns, ColumnChunk, Run } from './columns.ts'
import { deviceLabel, searchText } from './connections.ts'
import { contentFields } from './detail.ts'
import { bytesOf, type Parts } from './rows.ts'

/** What is known of a connection, by column. */
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

/** Columns that the index holds as they are. Those that stand nowhere here are not held at all. */
const held: Partial<Record<ColumnName, keyof ColumnChunk>> = {
  time: 'time',
  length: 'length',
  type: 'type',
  flags: 'flags',
  packetId: 'packetId',
  reasonCode: 'reasonCode',
  direction: 'direction',
  verdict: 'verdict',
  marked: 'marked',
  topic: 'topic',
  usp: 'usp',
  msgId: 'msgId',
}

const NS_PER_SEC = 1_000_000_000n

export class Index implements ColumnSource {
  readonly epoch: bigint
  readonly parts: Parts
  readonly #texts: Partial<Record<TextColumn, (id: number) => string>>

  constructor(parts: Parts) {
    const { epoch, dictionaries } = parts
    this.parts = parts
    this.epoch = BigInt(epoch.sec) * NS_PER_SEC + BigInt(epoch.nsec)
    this.#texts = {
      topic: (id) => dictionaries.topics.text(id),
      usp: (id) => dictionaries.usps.text(id),
      msgId: (id) => dictionaries.msgIds.text(id),
    }
  }

  get columns(): Columns {
    return this.parts.columns
  }

  text(column: TextColumn, id: number): string {
    const own = this.#texts[column]
    if (own !== undefined) return own(id)
    return connectionTexts[column]?.(this.parts.connections.at(id).facts) ?? ''
  }

  /** The rows of a run; row `no` of it is at place `run.from`. */
  block(run: Run): ColumnBlock {
    const { chunk, from, to, no } = run
    const computed = (value: (place: number) => number) => {
      const values = new Float64Array(to)
      for (let i = from; i < to; i++) values[i] = value(i)
      return values
    }
    const { time } = chunk
    return {
      values: (column) => {
        if (COLUMNS[column] === 'connection') return chunk.connection
        const own = held[column]
        if (own !== undefined) return chunk[own]
        if (column === 'lint') return computed((i) => this.parts.lint.rank(no + i - from))
        if (column === 'no') return computed((i) => no + i - from)
        if (column === 'elapsed') {
          const start = this.#startTime
          return computed((i) => (time[i] as number) - start)
        }
        if (column === 'rtt') {
          const { answers } = chunk
          // Most rows answer nothing, and most requests are in the same chunk.
          return computed((i) => {
            const back = answers[i] as number
            const request = no + i - from - back
            if (back === 0 || request < this.columns.first) return Number.NaN
            const asked = back <= i ? (time[i - back] as number) : this.columns.get(request, 'time')
            return (time[i] as number) - asked
          })
        }
        if (column === 'delta') {
          let before = this.columns.has(no - 1) ? this.columns.get(no - 1, 'time') : Number.NaN
          return computed((i) => {
            const delta = (time[i] as number) - before
            before = time[i] as number
            return delta
          })
        }
        return undefined
      },
    }
  }

  /** Its fields may lack what is not `wanted`. RangeError when the row is not held. */
  packet(no: number, wanted?: Wanted): PacketView {
    const { chunk, from } = this.columns.run(no)
    let fields: readonly Field[] | undefined
    return {
      column: (name) =>
        name === 'lintRule'
          ? this.parts.lint.of(no).map(({ rule }) => rule)
          : name === 'fault'
            ? this.parts.notes.of(no).flatMap(({ fault }) => fault ?? [])
            : this.#cell(chunk, from, no, name),
      bytes: () => bytesOf(this.parts, no),
      fields: () => (fields ??= contentFields(this.parts, no, wanted)),
    }
  }

  #cell(chunk: ColumnChunk, place: number, no: number, name: ColumnName): ColumnValue | undefined {
    if (isTextColumn(name)) {
      const ids = COLUMNS[name] === 'connection' ? chunk.connection : held[name] && chunk[held[name]]
      return ids && this.text(name, ids[place] as number)
    }
    const value = this.block({ chunk, from: place, to: place + 1, no }).values(name)?.[place]
    if (value === undefined) return undefined
    return name === 'time' ? this.epoch + BigInt(value) : value
  }

  /** Time of the oldest row. */
  get #startTime(): number {
    const { columns } = this
    return columns.rows > 0 ? columns.get(columns.first, 'time') : 0
  }
}
