/** Values as they are written: read by the type of the field they are compared with, and written back. */
import { decodeText, writeText } from '../mqtt/utf8.ts'
import type { Literal } from './ast.ts'
import type { EnumName, FieldDefinition, FieldType } from './definition.ts'
import { formatRange, parseNetwork } from './ip.ts'
import { quote, type Token } from './lexer.ts'
import { formatDuration, formatTimes, parseDuration, parseTime } from './moments.ts'
import { nearest } from './nearest.ts'

/** `message` and `hint` as in `FilterError`. */
export type LiteralResult =
  | { readonly ok: true; readonly literal: Literal }
  | { readonly ok: false; readonly message: string; readonly hint?: string }

const ok = (literal: Literal): LiteralResult => ({ ok: true, literal })
const number = (low: number | bigint, high = low): LiteralResult => ok({ kind: 'number', low, high })
const fail = (message: string, hint?: string): LiteralResult =>
  hint === undefined ? { ok: false, message } : { ok: false, message, hint }

type Reader = (token: Token, field: FieldDefinition) => LiteralResult

const readText: Reader = ({ text }) => ok({ kind: 'text', text })

const readers: Readonly<Record<Exclude<FieldType, 'presence'>, Reader>> = {
  string: readText,
  topic: readText,
  number: readNumber,
  enum: readEnum,
  bool: readBool,
  ip: ({ text }) => {
    const range = parseNetwork(text)
    if (range) return number(range.low, range.high)
    return fail(`"${text}" is no IP address or network.`, 'Write 192.168.1.1, 10.0.0.0/8 or fe80::/10.')
  },
  duration: ({ text }) => {
    const value = parseDuration(/^0x[\da-f]{1,8}$/i.test(text) ? String(Number(text)) : text)
    if (value !== undefined) return number(value)
    return fail(`"${text}" is no duration.`, 'Write 10ms, 1.5s, 2m or 1h; a plain number is seconds.')
  },
  time: ({ text }) => {
    const range = parseTime(text)
    if (range) return number(range.low, range.high)
    return fail(`"${text}" is no time.`, 'Write 2026-11-22 or 2026-11-22T12:45:07.250Z.')
  },
  bytes: readBytes,
}

/** Reads a word or a string as a value of the field. Fields without a value are the caller's to refuse. */
export function readLiteral(token: Token, field: FieldDefinition): LiteralResult {
  return field.type === 'presence' ? fail(`${field.name} has no value.`) : readers[field.type](token, field)
}

/** Decimal or hexadecimal; exact beyond 2^53, because identifiers of USP sessions have 64 bits. */
function parseInteger(text: string): number | bigint | undefined {
  if (!/^(?:\d{1,20}|0x[\da-f]{1,16})$/i.test(text)) return undefined
  const value = BigInt(text)
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
}

function readNumber({ kind, text }: Token): LiteralResult {
  const value = parseInteger(text)
  if (value === undefined) return fail(`"${text}" is no whole number.`, 'Write 3 or 0x1f.')
  if (kind === 'string') return fail('A number stands without quotes.', `Write ${text}.`)
  return number(value)
}

/** Names are compared without letter case, and a blank may be written as `_`: `not_authorized`. */
const plainName = (name: string): string => name.toLowerCase().replaceAll(' ', '_')

export const codeOf = (names: readonly EnumName[], name: string): number | undefined =>
  names.find(([, known]) => plainName(known) === plainName(name))?.[0]

function readEnum({ text }: Token, { name, names = [], numeric }: FieldDefinition): LiteralResult {
  const code = codeOf(names, text)
  if (code !== undefined) return number(code)
  const value = numeric ? parseInteger(text) : undefined
  if (value !== undefined) return number(value)
  const known = names.map(([, known]) => known)
  const like = nearest(text, known)
  const some = known.length > 6 ? known.slice(0, 6).join(', ') + ', …' : known.join(', ')
  return fail(`"${text}" is no value of ${name}.`, like ? `Did you mean ${like}?` : `It may be ${some}.`)
}

const bools: Readonly<Record<string, number>> = { true: 1, false: 0, 1: 1, 0: 0 }

function readBool({ text }: Token, { name }: FieldDefinition): LiteralResult {
  const value = bools[text.toLowerCase()]
  return value === undefined ? fail(`${name} is true or false, not "${text}".`) : number(value)
}

/** `30:0a:ff` (also with `-` or `.`, or nothing between), or text, which stands for its UTF-8 bytes. */
function readBytes({ kind, text }: Token): LiteralResult {
  if (kind === 'string') return ok({ kind: 'bytes', bytes: encode(text) })
  const digits = /^[\da-f]{2}(?:([:.-]?)[\da-f]{2})?(?:\1[\da-f]{2})*$/i.test(text)
  if (!digits) return fail(`"${text}" are no bytes.`, `Write 30:0a:ff, or ${quote(text)} for text.`)
  return ok({ kind: 'bytes', bytes: hexBytes(text.replaceAll(/[:.-]/g, '')) })
}

/** Two digits a byte. */
export const hexBytes = (digits: string): Uint8Array =>
  Uint8Array.from({ length: digits.length >> 1 }, (_, i) =>
    Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16),
  )

export function encode(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3)
  return bytes.slice(0, writeText(text, bytes, 0))
}

/** As `readLiteral` reads it, in the one canonical way. */
export function formatLiteral(literal: Literal, field: FieldDefinition): string {
  switch (literal.kind) {
    case 'text':
      return quote(literal.text)
    case 'bytes':
      return formatBytes(literal.bytes)
    case 'number':
      return formatInterval(literal.low, literal.high, field)
  }
}

function formatInterval(low: number | bigint, high: number | bigint, field: FieldDefinition): string {
  if (field.type === 'ip') return formatRange({ low: BigInt(low), high: BigInt(high) })
  if (field.type === 'time') return formatTimes({ low: BigInt(low), high: BigInt(high) })
  const one = (value: number | bigint) => formatNumber(value, field)
  return low === high ? one(low) : `${one(low)}..${one(high)}`
}

function formatNumber(value: number | bigint, { type, names }: FieldDefinition): string {
  if (type === 'bool') return value === 0 ? 'false' : 'true'
  if (type === 'duration') return formatDuration(Number(value))
  const name = names?.find(([code]) => code === value)?.[1]
  return name === undefined ? String(value) : formatName(name)
}

/** A name needs no quotes where it is one word. */
export const formatName = (name: string): string => (/^[A-Za-z][\w.-]*$/.test(name) ? name : quote(name))

/** As text where it is printable and stays the same bytes. */
function formatBytes(bytes: Uint8Array): string {
  const text = decodeText(bytes, 0, bytes.length)
  if (text !== undefined && !/[\p{C}\p{Z}]/u.test(text.replaceAll(' ', ''))) return quote(text)
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':')
}
