/** Finds what is wrong in protobuf JSON and names its place, which the library's own errors do not. */
import { ScalarType, type DescEnum, type DescField, type DescMessage } from '@bufbuild/protobuf'
import { nearest } from '../filter/nearest.ts'

/** `path` is like `get.param_paths[2]`, empty for the whole. */
export class JsonFault extends Error {
  readonly path: string
  constructor(path: string, text: string) {
    super(path === '' ? text : `${path}: ${text}`)
    this.name = 'JsonFault'
    this.path = path
  }
}

/** Deeper nesting than any message has. */
const MAX_DEPTH = 30
const MAX_UINT32 = 0xffff_ffff

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Throws a JsonFault at the first place where `json` is no message of this kind. */
export function checkJson(desc: DescMessage, json: unknown, path: string, depth = 0): void {
  if (depth > MAX_DEPTH) throw new JsonFault(path, 'it is nested too deeply')
  if (!isObject(json)) throw new JsonFault(path, `must be an object, not ${nameOf(json)}`)
  const members = new Map<string, string>()
  for (const [key, value] of Object.entries(json)) {
    const at = path === '' ? key : `${path}.${key}`
    const field = desc.fields.find(({ name, jsonName }) => name === key || jsonName === key)
    if (!field) throw new JsonFault(at, unknownName(key, desc))
    if (value === null) continue
    const group = field.oneof?.name ?? field.name
    const before = members.get(group)
    if (before !== undefined)
      throw new JsonFault(at, `stands beside ${before}; only one of them may be there`)
    members.set(group, key)
    checkField(field, value, at, depth)
  }
}

function unknownName(key: string, { fields, name }: DescMessage): string {
  const names = fields.map((field) => field.name)
  const meant = nearest(key, names)
  const hint = meant === undefined ? `it has ${names.join(', ') || 'no fields'}` : `did you mean ${meant}?`
  return `${name} has no such field; ${hint}`
}

function checkField(field: DescField, value: unknown, at: string, depth: number): void {
  switch (field.fieldKind) {
    case 'message':
      return checkJson(field.message, value, at, depth + 1)
    case 'enum':
      return checkEnum(field.enum, value, at)
    case 'scalar':
      return checkScalar(field.scalar, value, at)
    case 'list':
      if (!Array.isArray(value)) throw new JsonFault(at, `must be a list [ … ], not ${nameOf(value)}`)
      value.forEach((item, index) => {
        const place = `${at}[${index}]`
        if (field.listKind === 'message') checkJson(field.message, item, place, depth + 1)
        else if (field.listKind === 'enum') checkEnum(field.enum, item, place)
        else checkScalar(field.scalar, item, place)
      })
      return
    case 'map':
      if (!isObject(value))
        throw new JsonFault(at, `must be an object of names and values, not ${nameOf(value)}`)
      for (const [key, item] of Object.entries(value)) {
        if (typeof item !== 'string') {
          throw new JsonFault(`${at}["${key}"]`, `must be a text in quotes, not ${nameOf(item)}`)
        }
      }
  }
}

function checkScalar(type: ScalarType, value: unknown, at: string): void {
  if (type === ScalarType.STRING || type === ScalarType.BYTES) {
    if (typeof value !== 'string') throw new JsonFault(at, `must be a text in quotes, not ${nameOf(value)}`)
  } else if (type === ScalarType.BOOL) {
    if (typeof value !== 'boolean') throw new JsonFault(at, `must be true or false, not ${nameOf(value)}`)
  } else {
    const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
    const most = type === ScalarType.UINT64 ? Number.MAX_VALUE : MAX_UINT32
    if (typeof number !== 'number' || !Number.isInteger(number) || number < 0 || number > most) {
      throw new JsonFault(at, `must be a whole number from 0 on, not ${nameOf(value)}`)
    }
  }
}

function checkEnum({ name, values }: DescEnum, value: unknown, at: string): void {
  if (values.some((one) => one.name === value || one.number === value)) return
  throw new JsonFault(at, `${name} is one of ${values.map((one) => one.name).join(', ')}`)
}

function nameOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'string') return `the text “${value.length > 40 ? `${value.slice(0, 40)}…` : value}”`
  return typeof value === 'number' ? `the number ${value}` : String(value)
}

/** JSON text as a value; the JsonFault of a broken one tells line and column where the parser knows them. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    const message = (error as Error).message
    const position = /position (\d+)/.exec(message)?.[1]
    if (position === undefined) throw new JsonFault('', `This is no JSON: ${message}.`)
    const before = text.slice(0, Number(position)).split('\n')
    const place = `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`
    throw new JsonFault('', `This is no JSON, ${place}: ${message.replace(/ in JSON at position.*$/s, '')}.`)
  }
}
