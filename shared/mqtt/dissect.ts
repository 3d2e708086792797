/** A packet as a tree of fields with their bytes, for people and filters. The decoder does the reading. */
import type { Field, Finding } from '../dissect/field.ts'
import { decodePacket } from './decode.ts'
import { MqttError, STATEMENTS } from './error.ts'
import { countBytes, FIELDS, hex, showValue, type FieldRow, type FieldValue } from './fields.ts'
import type { Packet, ProtocolLevel } from './packets.ts'
import type { Trace } from './reader.ts'

export interface Dissection {
  readonly fields: readonly Field[]
  /** Present when the packet could be read to its end, even if it breaks the standard: see `error`. */
  readonly packet?: Packet
  /** Byte range of the payload of a PUBLISH. */
  readonly payload?: { readonly start: number; readonly end: number }
  /** The first violation: what `decodePacket` would have thrown. */
  readonly error?: MqttError
}

export interface DissectOptions {
  /** The topic that the Topic Alias of a PUBLISH without Topic Name stands for. */
  readonly topic?: string
  /** Filter names that are looked for: other fields may be left out, and so are findings. */
  readonly only?: ReadonlySet<string>
}

/**
 * Dissects the bytes of one packet; never throws. Every violation is an `error` finding at its bytes, and
 * dissection goes on after it where the bytes still have a meaning. `level` is that of the connection.
 */
export function dissectMqtt(bytes: Uint8Array, level: ProtocolLevel, options?: DissectOptions): Dissection {
  const { topic, only } = options ?? {}
  const tree = new TreeBuilder(only)
  let packet: Packet | undefined
  try {
    packet = decodePacket(bytes, level, { trace: tree, checkPayloadFormat: true })
  } catch (error) {
    // Anything else is a defect of the decoder and must not look like one of the packet.
    if (!(error instanceof MqttError)) throw error
    tree.violation(error)
    tree.closeAll(error)
  }
  const fields = tree.root
  if (only === undefined) {
    for (const violation of tree.violations) placeFinding(fields, violation)
    noteLongRemainingLength(fields, packet, level)
    addUndecoded(fields, bytes.length)
    if (tree.unlisted > 0) addUnlisted(fields, tree.unlisted, bytes.length)
  }
  if (topic !== undefined) addResolvedTopic(fields, packet, topic)
  const error = tree.violations[0]
  return {
    fields,
    ...(packet && { packet }),
    ...(tree.payload && { payload: tree.payload }),
    ...(error && { error }),
  }
}

/** Faults shown at their bytes. A packet made of faults alone must not keep the dissector busy for minutes. */
const MAX_FAULTS = 100

/** A field while it is being built. */
interface Node {
  name: string
  label: string
  text: string
  value?: string | number | boolean
  start: number
  end: number
  children?: Node[]
  finding?: Finding
}

class TreeBuilder implements Trace {
  readonly root: Node[] = []
  readonly violations: MqttError[] = []
  /** Violations beyond `MAX_FAULTS`. */
  unlisted = 0
  payload: { start: number; end: number } | undefined
  private readonly only: ReadonlySet<string> | undefined
  /** Parts that are open and stand in the tree. */
  private readonly stack: { row: FieldRow; node: Node; children: Node[] }[] = []
  /** Parts that are open, for each whether it stands in the tree: of one that does not, what is in it may. */
  private readonly kept: boolean[] = []

  constructor(only: ReadonlySet<string> | undefined) {
    this.only = only
  }

  /** What is in a part that is wanted belongs to it. */
  private wants({ name }: FieldRow): boolean {
    return this.only === undefined || this.stack.length > 0 || this.only.has(name)
  }

  private add(node: Node): void {
    const parent = this.stack.at(-1)
    if (parent === undefined) this.root.push(node)
    else parent.children.push(node)
  }

  field(row: FieldRow, start: number, end: number, value: FieldValue): void {
    if (row === FIELDS.payload) this.payload = { start, end }
    if (!this.wants(row)) return
    const node: Node = { name: row.name, label: row.label, text: '', start, end }
    setValue(node, row, value)
    this.add(node)
  }

  open(row: FieldRow, start: number): void {
    const wanted = this.wants(row)
    this.kept.push(wanted)
    if (!wanted) return
    const children: Node[] = []
    const node: Node = { name: row.name, label: row.label, text: '', start, end: start, children }
    this.add(node)
    this.stack.push({ row, node, children })
  }

  close(end: number, value?: FieldValue): void {
    const top = this.kept.pop() === true ? this.stack.pop() : undefined
    if (top === undefined) return
    top.node.end = end
    if (value !== undefined) setValue(top.node, top.row, value)
  }

  violation(error: MqttError): void {
    if (this.violations.length < MAX_FAULTS) this.violations.push(error)
    else this.unlisted++
  }

  /** Closes what a fatal fault left open: each part reaches as far as was read of it, the fault included. */
  closeAll(error: MqttError): void {
    let end = error.end
    while (this.kept.length > 0) {
      if (this.kept.at(-1)) end = Math.max(end, this.stack.at(-1)?.children.at(-1)?.end ?? 0)
      this.close(end)
    }
  }
}

function setValue(node: Node, row: FieldRow, value: FieldValue): void {
  node.text = row.show === undefined ? showValue(value) : row.show(value)
  // The payload is for content views: its text as a value would double the memory of every row.
  if (row.secret || row === FIELDS.payload) return
  if (value instanceof Uint8Array) node.value = hex(value)
  else node.value = typeof value === 'object' ? `${value[0]}=${value[1]}` : value
}

/**
 * Puts a violation at its bytes: on the field that has just that range (the outermost, where a byte and its
 * bits share it), else as a field of its own inside the smallest part that holds the range.
 */
function placeFinding(root: Node[], error: MqttError): void {
  const finding: Finding = {
    severity: 'error',
    text: error.message,
    ...(error.statement !== undefined && { rule: error.statement }),
  }
  const { offset: start, end } = error
  let siblings = root
  for (;;) {
    const holder = siblings.find((node) => node.start <= start && start < node.end && end <= node.end)
    if (holder === undefined) break
    if (holder.start === start && holder.end === end && holder.finding === undefined) {
      holder.finding = finding
      return
    }
    siblings = holder.children ??= []
  }
  const node: Node = { name: 'mqtt.malformed', label: 'Fault', text: error.message, start, end, finding }
  const after = siblings.findIndex((other) => other.start > start)
  siblings.splice(after < 0 ? siblings.length : after, 0, node)
}

/** Longer than needed is read everywhere, but only 5.0 says that it must not be. */
function noteLongRemainingLength(fields: Node[], packet: Packet | undefined, level: ProtocolLevel): void {
  const node = fields.find((field) => field.name === FIELDS.remainingLength.name)
  const spoken = packet?.type === 'CONNECT' ? packet.level : level
  if (node === undefined || node.finding !== undefined || spoken !== 5) return
  const length = Number(node.value)
  const needed = length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x20_0000 ? 3 : 4
  const taken = node.end - node.start
  if (taken === needed) return
  const text = `Remaining Length takes ${countBytes(taken)} where ${needed} would do`
  node.finding = { severity: 'warning', text, rule: STATEMENTS.varint[0] }
}

/** What stands behind the last part that was read, so that no byte is without a field. */
function addUndecoded(fields: Node[], end: number): void {
  const start = fields.reduce((reached, field) => Math.max(reached, field.end), 0)
  if (start >= end) return
  const text = countBytes(end - start)
  fields.push({ name: 'mqtt.undecoded', label: 'Not decoded', text, start, end })
}

function addUnlisted(fields: Node[], count: number, end: number): void {
  const text = `${count} more ${count === 1 ? 'fault' : 'faults'}, not listed one by one`
  const finding: Finding = { severity: 'error', text }
  fields.push({ name: 'mqtt.malformed', label: 'Fault', text, start: end, end, finding })
}

function addResolvedTopic(fields: Node[], packet: Packet | undefined, topic: string): void {
  if (packet?.type !== 'PUBLISH' || packet.topic !== '') return
  const at = fields.findIndex((field) => field.name === FIELDS.topic.name)
  const found = fields[at]
  if (found === undefined) return
  const { end } = found
  const label = `${FIELDS.topic.label} (by alias)`
  fields.splice(at + 1, 0, { name: FIELDS.topic.name, label, text: topic, value: topic, start: end, end })
}
