/**
 * Reads the description of a data model: lines of text that a person writes.
 *
 *     # A comment. The lines of an object are indented below it.
 *     uri urn:broadband-forum-org:tr-181-2-19-1
 *     Device.
 *       Reboot() sync in Cause Reason
 *       ScheduleTimer() async in DelaySeconds! out Results=PASS
 *       Boot! CommandKey Cause
 *     Device.WiFi.Radio.{i}. add delete keys Alias | Name
 *       Alias string rw once
 *       Enable boolean rw = true
 *       OperatingFrequencyBand string rw one-of 2.4GHz,5GHz,6GHz = 5GHz
 *       KeyPassphrase string rw secret
 *       UpTime unsignedInt quiet = <uptime>
 *     # Rows and values of a factory-fresh agent, as in a factory reset file of OB-USP-A:
 *     Device.WiFi.Radio.1.
 *     Device.WiFi.Radio.2.Enable "false"
 *
 * Parameters are read-only without `rw` or `wo`; `!` marks an input that must be there. `once` keeps the first
 * value that is not empty, `quiet` changes without ValueChange, `secret` reads as empty. A parameter named
 * `<table>NumberOfEntries` counts the rows of that table. Placeholders (`<endpoint>`, `<uptime>` …) are in facts.ts.
 * Lines that begin with `Internal.` are passed over, so that a factory reset file can stand below a description.
 */
import type { CommandType, EventType, ObjectType, ParameterType, Schema } from './schema.ts'
import { supportedPath } from './schema.ts'
import { VALUE_TYPES, type ValueType } from '../../../shared/usp/value-types.ts'
import { checkValue, initialValue } from './values.ts'
import { PLACEHOLDER } from './facts.ts'

/** A description that cannot be used; the message names the line. */
export class DescriptionError extends Error {
  override readonly name = 'DescriptionError'
}

/** Of a description; what is above is a mistake, not a device. */
const MAX_LINES = 200_000
const MAX_DEPTH = 12

interface Draft extends ObjectType {
  readonly parameters: Map<string, ParameterType>
  readonly commands: Map<string, CommandType>
  readonly events: Map<string, EventType>
  readonly children: Map<string, Draft>
}

/** Throws a DescriptionError. */
export function readDescription(text: string): Schema {
  const lines = text.split(/\r?\n/)
  if (lines.length > MAX_LINES) throw new DescriptionError(`The model has more than ${MAX_LINES} lines.`)
  const reader = new Reader()
  lines.forEach((line, index) => {
    try {
      reader.line(line)
    } catch (error) {
      throw new DescriptionError(`Line ${index + 1} of the model: ${(error as Error).message}`, {
        cause: error,
      })
    }
  })
  return reader.finish()
}

class Reader {
  #uri = 'urn:broadband-forum-org:tr-181-2-19-1'
  #root: Draft | undefined
  #current: Draft | undefined
  readonly #values = new Map<string, string>()
  readonly #rows = new Map<string, Set<number>>()

  line(line: string): void {
    const words = line.trim()
    if (words === '' || words.startsWith('#') || words.startsWith('Internal.')) return
    if (/^\s/.test(line)) return this.#member(words)
    const [first = ''] = words.split(/\s/, 1)
    const rest = words.slice(first.length).trim()
    if (first === 'uri') this.#uri = rest
    else if (!first.startsWith('Device.')) throw new Error(`“${first}” must be uri or begin with Device.`)
    else if (first.endsWith('.') && !/\.\d+\./.test(first)) this.#object(first, rest)
    else this.#value(first, rest)
  }

  #object(path: string, flags: string): void {
    const [access = '', keys = ''] = flags.split(/\bkeys\b/)
    const words = access.split(/\s+/).filter(Boolean)
    const odd = words.find((word) => word !== 'add' && word !== 'delete')
    if (odd !== undefined)
      throw new Error(`“${odd}” is not understood; an object may have add, delete and keys.`)
    const isTable = path.endsWith('.{i}.')
    const plain = path.slice(0, isTable ? -'.{i}.'.length : -1)
    const name = plain.slice(plain.lastIndexOf('.') + 1)
    const draft: Draft = {
      path,
      name,
      isTable,
      canAdd: words.includes('add'),
      canDelete: words.includes('delete'),
      keys: keys
        .split('|')
        .map((key) => key.trim().split(/\s+/).filter(Boolean))
        .filter((key) => key.length > 0),
      parameters: new Map(),
      commands: new Map(),
      events: new Map(),
      children: new Map(),
    }
    this.#place(draft, plain.slice(0, -name.length))
    this.#current = draft
  }

  #place(draft: Draft, parentPath: string): void {
    if (parentPath === '') {
      if (this.#root) throw new Error('Device. is there twice.')
      this.#root = draft
      return
    }
    if (parentPath.split('.').length > MAX_DEPTH * 2)
      throw new Error(`more than ${MAX_DEPTH} objects in one another.`)
    const parent = this.#find(parentPath)
    if (!parent) throw new Error(`${parentPath} must be described before ${draft.path}`)
    if (parent.children.has(draft.name)) throw new Error(`${draft.path} is there twice.`)
    parent.children.set(draft.name, draft)
  }

  /** The object of a path in the notation of the supported model. */
  #find(path: string): Draft | undefined {
    let found = this.#root
    const names = path.slice(0, -1).split('.')
    if (names[0] !== 'Device') return undefined
    for (let at = 1; at < names.length && found; at++) {
      if (names[at] === '{i}') continue
      found = found.children.get(names[at] ?? '')
      if (found && found.isTable !== (names[at + 1] === '{i}')) return undefined
    }
    return found
  }

  #member(words: string): void {
    const object = this.#current
    if (!object) throw new Error('an indented line belongs below an object.')
    const [name = ''] = words.split(/\s/, 1)
    const rest = words.slice(name.length).trim()
    const known = name.endsWith('()')
      ? object.commands
      : name.endsWith('!')
        ? object.events
        : object.parameters
    if (known.has(name)) throw new Error(`${name} is there twice.`)
    if (name.endsWith('()')) object.commands.set(name, readCommand(name, rest))
    else if (name.endsWith('!')) object.events.set(name, { name, args: rest.split(/\s+/).filter(Boolean) })
    else object.parameters.set(name, readParameter(name, rest))
  }

  #value(path: string, rest: string): void {
    const leafAt = path.lastIndexOf('.') + 1
    const objectPath = path.slice(0, leafAt)
    const type = this.#find(supportedPath(objectPath))
    if (!type) throw new Error(`${objectPath} is not described.`)
    for (const match of objectPath.matchAll(/(?<=\.)([1-9]\d{0,8})\./g)) {
      const table = objectPath.slice(0, match.index)
      const rows = this.#rows.get(table) ?? new Set()
      this.#rows.set(table, rows.add(Number(match[1])))
    }
    if (leafAt === path.length) return
    const parameter = type.parameters.get(path.slice(leafAt))
    if (!parameter) throw new Error(`${path} is not described.`)
    this.#values.set(path, soundValue(unquote(rest), parameter.type, parameter.allowed))
  }

  finish(): Schema {
    if (!this.#root) throw new DescriptionError('The model describes no object: it needs a line “Device.”')
    countTables(this.#root)
    const rows = new Map(
      [...this.#rows].map(([path, set]) => [path, [...set].sort((a, b) => a - b)] as const),
    )
    const schema = { uri: this.#uri, root: this.#root, values: this.#values, rows }
    return { ...schema, parameterCount: countParameters(this.#root, this.#root.path, rows) }
  }
}

function countTables(type: Draft): void {
  for (const child of type.children.values()) {
    const name = `${child.name}NumberOfEntries`
    const counter = type.parameters.get(name)
    if (child.isTable && counter) type.parameters.set(name, { ...counter, counts: child.name })
    countTables(child)
  }
}

function countParameters(type: ObjectType, path: string, rows: Schema['rows']): number {
  let count = type.parameters.size
  for (const child of type.children.values()) {
    const below = `${path}${child.name}.`
    const paths = child.isTable ? (rows.get(below) ?? []).map((row) => `${below}${row}.`) : [below]
    for (const one of paths) count += countParameters(child, one, rows)
  }
  return count
}

function readParameter(name: string, text: string): ParameterType {
  const at = text.search(/(?:^|\s)=(?:\s|$)/)
  const value = at < 0 ? undefined : text.slice(at).trim().slice(1).trim()
  const [type = '', ...flags] = (at < 0 ? text : text.slice(0, at)).trim().split(/\s+/)
  if (!isValueType(type))
    throw new Error(`the type of ${name} must be ${VALUE_TYPES.join(', ')}, not “${type}”.`)
  const oneOf = flags.indexOf('one-of')
  const allowed = oneOf < 0 ? undefined : (flags.splice(oneOf, 2)[1] ?? '').split(',')
  const odd = flags.find((flag) => !['ro', 'rw', 'wo', 'once', 'secret', 'quiet'].includes(flag))
  if (odd !== undefined) throw new Error(`“${odd}” of ${name} is not understood.`)
  return {
    name,
    type,
    access: flags.includes('rw') ? 'rw' : flags.includes('wo') ? 'wo' : 'ro',
    initial: value === undefined ? initialValue(type) : soundValue(unquote(value), type, allowed),
    isSecret: flags.includes('secret'),
    isQuiet: flags.includes('quiet'),
    isOnce: flags.includes('once'),
    ...(allowed && { allowed }),
  }
}

function readCommand(name: string, text: string): CommandType {
  const [, kind, inputs = '', outputs = ''] =
    /^(sync|async)(?:\s+in\s+(.*?))?(?:\s+out\s+(.*))?$/.exec(text) ?? []
  if (kind === undefined) throw new Error(`${name} must be followed by sync or async, then in … and out …`)
  return {
    name,
    isAsync: kind === 'async',
    inputs: words(inputs).map((input) => ({
      name: input.replace('!', ''),
      isMandatory: input.endsWith('!'),
    })),
    outputs: new Map(
      words(outputs).map((output) => {
        const [outputName = '', value = ''] = output.split(/=(.*)/s)
        return [outputName, unquote(value)] as const
      }),
    ),
  }
}

/** Words between blanks; `Results="two words"` is one. */
const words = (text: string): string[] => text.match(/[^\s"]+(?:"[^"]*")?/g) ?? []

const unquote = (text: string): string => (/^".*"$/s.test(text) ? text.slice(1, -1) : text)

const soundValue = (value: string, type: ValueType, allowed: readonly string[] | undefined): string =>
  value.search(PLACEHOLDER) >= 0 ? value : checkValue(value, type, allowed)

const isValueType = (text: string): text is ValueType => (VALUE_TYPES as readonly string[]).includes(text)
