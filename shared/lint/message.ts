/**
 * A Record or Msg as a tree of messages by proto field name, for rules: like a decoder, but nothing is lost – what
 * a decoder forgives (two members of a oneof, unknown enum values) is listed in `faults`. Never throws.
 */
import { enumName, messageSpecs, type FieldSpec } from '../usp/schema.ts'
import { utf8, isUtf8, LENGTH_DELIMITED, varint64, WireReader, wireTypeNames } from '../usp/wire.ts'

export type FaultKind = 'wire' | 'enum' | 'oneof' | 'unknown' | 'limit'
export interface Fault {
  readonly kind: FaultKind
  /** A phrase that names the field. */
  readonly text: string
}

/** Fields read of one message tree; beyond it the rest is not judged, and that is a fault. */
const MAX_FIELDS = 100_000
/** USP nests nine deep. */
const MAX_DEPTH = 20
/** More of one tree help nobody. */
const MAX_FAULTS = 20

type Value = string | bigint | Message | Uint8Array

export class Message {
  /** Full name, `usp.Notify`. */
  readonly type: string
  readonly #values = new Map<string, Value[]>()
  /** Made at the first question: most rules ask for types that are not there. */
  #byType: ReadonlyMap<string, readonly Message[]> | undefined

  constructor(type: string) {
    this.type = type
  }

  add(name: string, value: Value): void {
    const values = this.#values.get(name)
    if (values === undefined) this.#values.set(name, [value])
    else values.push(value)
  }

  get names(): Iterable<string> {
    return this.#values.keys()
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  /** The last one, as protobuf has it; the default when there is none. */
  text(name: string): string {
    const value = this.#values.get(name)?.at(-1)
    return typeof value === 'string' ? value : ''
  }

  texts(name: string): string[] {
    return (this.#values.get(name) ?? []).filter((value) => typeof value === 'string')
  }

  /** A number, an enum value or a boolean. */
  number(name: string): number {
    return Number(this.big(name))
  }

  big(name: string): bigint {
    const value = this.#values.get(name)?.at(-1)
    return typeof value === 'bigint' ? value : 0n
  }

  bytes(name: string): readonly Uint8Array[] {
    return (this.#values.get(name) ?? []).filter((value) => value instanceof Uint8Array)
  }

  message(name: string): Message | undefined {
    return this.messages(name).at(-1)
  }

  messages(name: string): Message[] {
    return (this.#values.get(name) ?? []).filter((value) => value instanceof Message)
  }

  /** Keys of a map. */
  keys(name: string): string[] {
    return this.messages(name).map((entry) => entry.text('key'))
  }

  /** Messages of a type, this one and those below it. */
  ofType(type: string): readonly Message[] {
    this.#byType ??= this.#collect(new Map())
    return this.#byType.get(type) ?? []
  }

  #collect(byType: Map<string, Message[]>): Map<string, Message[]> {
    const same = byType.get(this.type)
    if (same === undefined) byType.set(this.type, [this])
    else same.push(this)
    for (const values of this.#values.values()) {
      for (const value of values) if (value instanceof Message) value.#collect(byType)
    }
    return byType
  }
}

export interface Reading {
  readonly message: Message
  readonly faults: readonly Fault[]
}

export interface Oneof {
  /** Message that it stands in. */
  readonly type: string
  readonly name: string
  readonly members: readonly string[]
}

/** Every oneof: it holds exactly one member (R-ENC.3). */
export const oneofs: readonly Oneof[] = [...messageSpecs].flatMap(([type, specs]) => {
  const groups = new Map<string, string[]>()
  for (const { name, oneof } of specs.values()) {
    if (oneof !== undefined) groups.set(oneof, [...(groups.get(oneof) ?? []), name])
  }
  return [...groups].map(([name, members]) => ({ type, name, members }))
})
const oneofsByType = new Map<string, Oneof[]>()
for (const oneof of oneofs) oneofsByType.set(oneof.type, [...(oneofsByType.get(oneof.type) ?? []), oneof])

export function readMessage(bytes: Uint8Array, start: number, end: number, type: string): Reading {
  const faults: Fault[] = []
  const budget = { left: MAX_FIELDS }
  const fault = (kind: FaultKind, text: string) => {
    if (faults.length < MAX_FAULTS) faults.push({ kind, text })
  }
  const message = read(bytes, start, end, type, 0)
  return { message, faults }

  function read(bytes: Uint8Array, start: number, end: number, type: string, depth: number): Message {
    const message = new Message(type)
    const specs = messageSpecs.get(type)
    const reader = new WireReader(bytes, start, end)
    while (reader.next()) {
      if (budget.left-- <= 0 || depth > MAX_DEPTH) {
        if (!faults.some(({ kind }) => kind === 'limit')) {
          faults.push({
            kind: 'limit',
            text: `more than ${MAX_FIELDS} fields: what follows was not looked at`,
          })
        }
        return message
      }
      const spec = specs?.get(reader.field)
      if (spec === undefined) {
        fault('unknown', `${shortName(type)} has a field ${reader.field}, which no version of USP has`)
      } else if (reader.wireType === spec.wireType) {
        message.add(spec.name, value(reader, spec, depth))
      } else {
        const found = wireTypeNames[reader.wireType] ?? 'unknown'
        fault('wire', `${shortName(type)}.${spec.name} is ${found}, not ${wireTypeNames[spec.wireType]}`)
      }
    }
    if (reader.fault !== undefined) fault('wire', `${shortName(type)}: ${reader.fault}`)
    for (const { name, members } of oneofsByType.get(type) ?? []) {
      const present = members.filter((member) => message.has(member))
      if (present.length > 1) fault('oneof', `${shortName(type)}.${name} holds ${present.join(' and ')}`)
    }
    return message
  }

  function value(reader: WireReader, spec: FieldSpec, depth: number): Value {
    const { valueStart, valueEnd } = reader
    switch (spec.kind) {
      case 'string':
        return text(reader.bytes, valueStart, valueEnd, spec.name)
      case 'bytes':
        return reader.bytes.subarray(valueStart, valueEnd)
      case 'message':
        return read(reader.bytes, valueStart, valueEnd, spec.type, depth + 1)
      case 'map':
        return entry(reader.bytes, valueStart, valueEnd, spec.name)
      case 'fixed32':
        return BigInt(reader.value)
      case 'enum': {
        const number = varint64(reader.bytes, valueStart, valueEnd)
        if (enumName(spec.type, Number(number)) === undefined)
          fault('enum', `${spec.name} is ${number}, which ${shortName(spec.type)} does not have`)
        return number
      }
      case 'bool':
      case 'uint64':
        return varint64(reader.bytes, valueStart, valueEnd)
    }
  }

  /** All maps of USP are of strings. */
  function entry(bytes: Uint8Array, start: number, end: number, name: string): Message {
    const message = new Message('entry')
    const reader = new WireReader(bytes, start, end)
    while (reader.next()) {
      if (budget.left-- <= 0) break
      if (reader.wireType !== LENGTH_DELIMITED || reader.field > 2) {
        fault('wire', `an entry of ${name} is not two strings`)
        continue
      }
      const part = reader.field === 1 ? 'key' : 'value'
      message.add(part, text(bytes, reader.valueStart, reader.valueEnd, `${part} of ${name}`))
    }
    if (reader.fault !== undefined) fault('wire', `an entry of ${name}: ${reader.fault}`)
    return message
  }

  function text(bytes: Uint8Array, start: number, end: number, name: string): string {
    const decoded = utf8(bytes, start, end)
    if (!isUtf8(decoded, bytes, start, end)) fault('wire', `${name} is not UTF-8`)
    return decoded
  }
}

/** `usp.GetResp.ResolvedPathResult` → `ResolvedPathResult`. */
export const shortName = (type: string): string => type.slice(type.lastIndexOf('.') + 1)
