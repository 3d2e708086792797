/** Rows as CSV (RFC 4180): a header, CRLF at the end of lines, quotes where a value needs them. */
import { BenchFailure } from '../../../../shared/contract/result.ts'
import type { PacketRow } from '../../../../shared/contract/model.ts'
import type { Field } from '../../../../shared/dissect/field.ts'
import { findField } from '../../../../shared/filter/fields.ts'
import type { Archive } from '../archive.ts'
import { isoTime } from '../clock.ts'
import { makeDetail } from '../detail.ts'
import { makeRow } from '../rows.ts'
import { LineEncoder } from './encoder.ts'

type Read = (row: PacketRow, fields: () => readonly Field[]) => string

/** Columns of the packet list, and fields whose name stands for one. */
const listed: Readonly<Record<string, (row: PacketRow) => string>> = {
  'frame.number': ({ no }) => String(no),
  'frame.time': (row) => isoTime(row),
  device: ({ device }) => device,
  direction: ({ direction }) => direction,
  'mqtt.msgtype': ({ type }) => type,
  'mqtt.topic': ({ topic }) => topic,
  usp: ({ usp }) => usp,
  info: ({ info }) => info,
  'frame.len': ({ length }) => String(length),
  verdict: ({ verdict }) => verdict,
  kind: ({ kind }) => kind,
  marked: ({ marked }) => (marked ? '1' : ''),
  connection: ({ connection }) => String(connection),
}
export const LIST_COLUMNS = Object.keys(listed).slice(0, 10)

export class CsvEncoder extends LineEncoder {
  readonly #archive: Archive
  readonly #readers: readonly Read[]
  readonly #withInfo: boolean

  /** BenchFailure `invalid-request` for a column that is no field. */
  constructor(archive: Archive, columns: readonly string[] = LIST_COLUMNS) {
    super()
    this.#archive = archive
    this.#readers = columns.map(readerOf)
    this.#withInfo = columns.includes('info')
    this.put(csvLine(columns))
  }

  add(no: number): void {
    const { parts } = this.#archive
    const row = makeRow(parts, no, this.#withInfo)
    let fields: readonly Field[] | undefined
    const tree = () => (fields ??= makeDetail(parts, no, []).fields)
    this.put(csvLine(this.#readers.map((read) => read(row, tree))))
  }
}

function readerOf(name: string): Read {
  const field = findField(name)
  const own = listed[name] ?? (field && listed[field.name])
  if (own !== undefined) return own
  if (field === undefined) {
    throw new BenchFailure('invalid-request', `“${name}” is no field: take names of the filter language.`)
  }
  const { names } = field.tree
  return (_, fields) => textsOf(fields(), names).join('; ')
}

/** Texts of all occurrences; the fields of a secret have no text that tells it. */
const textsOf = (fields: readonly Field[], names: ReadonlySet<string>): string[] =>
  fields.flatMap((field) => [
    ...(names.has(field.name) ? [field.text] : []),
    ...textsOf(field.children ?? [], names),
  ])

const csvLine = (values: readonly string[]): string => `${values.map(csvValue).join(',')}\r\n`
const csvValue = (value: string): string =>
  /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
