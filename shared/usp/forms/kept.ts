/**
 * Messages as people keep them: this bench's files, and what Oktopus saves (an object with `name` and `value`, where
 * the value is the message or its text; or a list of such). Pure.
 */
import { isObject, JsonFault, parseJson } from '../json-check.ts'
import { locateRequest } from '../request-json.ts'
import { formatJson } from './draft.ts'
import { variableName, type Variables } from './variables.ts'

export interface KeptMessage {
  /** Suggested name; empty when the source has none. */
  readonly name: string
  /** The request as it was written, as text. */
  readonly text: string
  readonly note: string
  readonly variables: Variables
}

export const KEPT_VERSION = 1
export const MAX_VARIABLES = 50

/** A message as the text of a file: readable in a diff, the message as JSON where it is JSON. */
export function formatKept({ text, note, variables }: Omit<KeptMessage, 'name'>): string {
  const file = {
    oktobench: 'message',
    version: KEPT_VERSION,
    ...(note === '' ? {} : { note }),
    ...(Object.keys(variables).length === 0 ? {} : { variables }),
    ...messageOf(text),
  }
  return `${formatJson(file)}\n`
}

/** A message that cannot be read yet is kept as it was typed. */
function messageOf(text: string): { readonly message: unknown } | { readonly text: readonly string[] } {
  try {
    const message = JSON.parse(text) as unknown
    // A text that JSON would change (a number with many digits, a member twice) is kept as it stands.
    if (compact(JSON.stringify(message)) === compact(text)) return { message }
  } catch {
    // No JSON yet.
  }
  return { text: text.split('\n') }
}

const compact = (text: string): string =>
  text.replace(/"(?:[^"\\]|\\.)*"|\s+/g, (part) => (part[0] === '"' ? part : ''))

/**
 * Reads what a file holds: one of this bench, one or several of Oktopus, or a bare message. Throws a JsonFault that
 * says what is wrong.
 */
export function readKept(fileText: string, name = ''): KeptMessage[] {
  const value = parseJson(fileText)
  if (Array.isArray(value)) {
    if (value.length === 0) throw new JsonFault('', 'The list holds no messages.')
    return value.map((one, index) => readOne(one, name === '' ? '' : `${name} ${index + 1}`, `[${index}]`))
  }
  if (isObject(value) && value['oktobench'] === undefined && Array.isArray(value['messages'])) {
    return value['messages'].map((one, index) => readOne(one, `${name} ${index + 1}`, `messages[${index}]`))
  }
  return [readOne(value, name, '')]
}

function readOne(value: unknown, name: string, at: string): KeptMessage {
  if (!isObject(value)) throw new JsonFault(at, 'A message is a JSON object { … }.')
  if (value['oktobench'] !== undefined) return readOwn(value, name, at)
  if ('value' in value || 'message' in value) {
    const inner = value['value'] ?? value['message']
    const text = typeof inner === 'string' ? pretty(inner) : formatJson(inner)
    if (typeof inner !== 'string') checkedRequest(inner, at)
    const own = value['name']
    return { name: typeof own === 'string' && own !== '' ? own : name, text, note: '', variables: {} }
  }
  checkedRequest(value, at)
  return { name, text: formatJson(value), note: '', variables: {} }
}

function checkedRequest(value: unknown, at: string): void {
  try {
    locateRequest(value)
  } catch (error) {
    if (!(error instanceof JsonFault) || at === '') throw error
    throw new JsonFault(at, error.message)
  }
}

const pretty = (text: string): string => {
  try {
    return formatJson(JSON.parse(text))
  } catch {
    return text
  }
}

function readOwn(file: Readonly<Record<string, unknown>>, name: string, at: string): KeptMessage {
  const { oktobench, version, note = '', variables = {}, message, text } = file
  if (oktobench !== 'message')
    throw new JsonFault(at, `This is a file of the bench, but of a ${String(oktobench)}.`)
  if (typeof version !== 'number' || version > KEPT_VERSION) {
    throw new JsonFault(at, 'This message was saved by a newer version of the bench.')
  }
  if (typeof note !== 'string') throw new JsonFault('note', 'must be a text in quotes')
  if (!isObject(variables)) throw new JsonFault('variables', 'must be an object of names and values')
  const known = Object.entries(variables).map(([key, to]): [string, string] => {
    if (!variableName.test(key)) throw new JsonFault(`variables.${key}`, 'is no name of a variable')
    if (typeof to !== 'string') throw new JsonFault(`variables.${key}`, 'must be a text in quotes')
    return [key, to]
  })
  if (known.length > MAX_VARIABLES) {
    throw new JsonFault('variables', `has more than ${MAX_VARIABLES} of them`)
  }
  const lines = Array.isArray(text) ? text.map(String).join('\n') : undefined
  if (message === undefined && lines === undefined) throw new JsonFault(at, 'The file has no message.')
  return { name, text: lines ?? formatJson(message), note, variables: Object.fromEntries(known) }
}
