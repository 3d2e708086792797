/**
 * What a filter may ask an index of packets, and what it may ask one packet. The index answers for most rows
 * from arrays of numbers; only for the rest a packet is dissected.
 */
import type { Field } from '../dissect/field.ts'
import { PACKET_TYPES } from '../mqtt/frame.ts'
import type { PacketType } from '../mqtt/packets.ts'

/** How the numbers of the column `type` read: a packet type of MQTT, or what a row is instead. */
export const ROW_TYPES: readonly RowType[] = [
  'MALFORMED',
  ...PACKET_TYPES.filter((type) => type !== undefined),
  'TCP CLOSE',
  'TCP PROBE',
]
export type RowType = PacketType | 'MALFORMED' | 'TCP CLOSE' | 'TCP PROBE'
export const rowTypeName = (type: number): RowType => ROW_TYPES[type] ?? 'MALFORMED'
export const MALFORMED_ROW = 0
export const CLOSE_ROW = 16
export const PROBE_ROW = 17

/** Rows by their type, one bit a type. */
export type RowSet = number
export const rowSet = (...types: readonly RowType[]): RowSet =>
  types.reduce((set, type) => set | (1 << ROW_TYPES.indexOf(type)), 0)
export const EVERY_ROW: RowSet = (1 << ROW_TYPES.length) - 1
/** Rows that are MQTT packets, and bytes that should have been one. */
export const MQTT_ROWS: RowSet = EVERY_ROW & ~rowSet('TCP CLOSE', 'TCP PROBE')
/** Which fields these hold is known only after a look at their bytes. */
export const MALFORMED_ROWS: RowSet = rowSet('MALFORMED')
export const inRows = (rows: RowSet, type: number): boolean => ((rows >> type) & 1) === 1

/**
 * The columns. `number`: the value itself, NaN where there is none. `code`: a value of 16 bits, of which there
 * are so few that each is judged once. Any other word: an id of text in the
 * dictionary of that name, where the empty text says "none". What is known of a connection has the connection
 * itself as its id.
 */
export const COLUMNS = {
  /** Row number. */
  no: 'number',
  /** Nanoseconds since `ColumnSource.epoch`. */
  time: 'number',
  /** Nanoseconds since the capture began, and since the row before. */
  elapsed: 'number',
  delta: 'number',
  /** Bytes of the whole MQTT packet. */
  length: 'number',
  /** See `ROW_TYPES`. */
  type: 'code',
  /** Low four bits of the fixed header. */
  flags: 'code',
  /** 0 is none. */
  packetId: 'code',
  reasonCode: 'code',
  /** 0 in, to the bench; 1 out. */
  direction: 'code',
  /** Place in `VERDICTS` and `ACL_VERDICTS`. */
  verdict: 'code',
  aclVerdict: 'code',
  /** Nanoseconds from the request to this answer. */
  rtt: 'number',
  /** 1 where the person marked the row. */
  marked: 'code',
  /** Place in `LINT_SEVERITIES`: the worst finding of the linter. */
  lint: 'code',
  topic: 'topic',
  /** First line of a Record: `NOTIFY Boot!`, `mqtt_connect V5`. */
  usp: 'usp',
  msgId: 'msgId',
  fromId: 'endpoint',
  toId: 'endpoint',
  aclRule: 'rule',
  lintRule: 'rule',
  fault: 'rule',
  connection: 'connection',
  device: 'connection',
  transport: 'connection',
  version: 'connection',
  clientId: 'connection',
  username: 'connection',
  endpointId: 'connection',
  peerAddress: 'connection',
  peerPort: 'connection',
  localAddress: 'connection',
  localPort: 'connection',
  /** Everything by which a person may look for a connection, in lines. */
  who: 'connection',
} as const

export type ColumnName = keyof typeof COLUMNS
export type Dictionary = Exclude<(typeof COLUMNS)[ColumnName], 'number' | 'code'>
export type TextColumn = {
  [N in ColumnName]: (typeof COLUMNS)[N] extends Dictionary ? N : never
}[ColumnName]

export const isTextColumn = (column: ColumnName): column is TextColumn =>
  COLUMNS[column] !== 'number' && COLUMNS[column] !== 'code'

export const VERDICTS = ['none', 'refused', 'dropped', 'changed'] as const
/** 0: the linter found nothing. */
export const LINT_SEVERITIES = ['none', 'note', 'warning', 'error'] as const
/** 0: access was not asked. */
export const ACL_VERDICTS = ['none', 'allow', 'deny'] as const

/** An index, as a plan is bound to it. */
export interface ColumnSource {
  /** Nanoseconds since 1970, UTC, at which the column `time` is 0. */
  readonly epoch: bigint
  /** The text of an id; empty where there is none. */
  text(column: TextColumn, id: number): string
}

/** A run of rows that lie together, numbered from 0. */
export interface ColumnBlock {
  /**
   * The numbers or ids of a column by place in the block; `undefined` where the index does not keep it. Asked
   * several times for one block, so what is worked out for it should be kept with it.
   */
  values(column: ColumnName): ArrayLike<number> | undefined
}

export type ColumnValue = number | bigint | string | readonly string[]

/** One packet. Whatever costs work should be done only when it is asked for. */
export interface PacketView {
  /**
   * What the columns say of it, with the texts in place of their ids, and with `time` as nanoseconds since
   * 1970. `undefined`: not known here, so the fields are looked at; many: it has each of these values.
   */
  column(name: ColumnName): ColumnValue | undefined
  /** The whole tree: MQTT, and what its payload is. */
  fields(): readonly Field[]
  /** The bytes that the ranges of the fields refer to. */
  bytes(): Uint8Array
}
