/**
 * What the shapes cannot see: names that nothing gives a value, answers to what was not sent, steps that are never
 * reached. Walks the text's nodes in the order in which the flow runs, with the names that may have a value there.
 */
import { nearest } from '../../filter/nearest.ts'
import type { FilterError } from '../../filter/ast.ts'
import { namesIn, parseExpression, partsOf, type Expression } from '../language/expression.ts'
import { parseTemplate } from '../language/template.ts'
import { ACTS, PHASES, type ActName, type Flow } from '../model.ts'
import { checkTemplate, expression, textError } from './matcher-shape.ts'
import { stepTables, STEP_KINDS } from './keys.ts'
import { unknownKey } from './shape.ts'
import { valueOf, type Entry, type MapNode, type Node, type Remarks } from './source.ts'

/** Values that every flow has. */
export const BUILT_IN = {
  device: 'endpoint ID of the device under test',
  controller: 'endpoint ID of the controller',
  run: 'run.id: another text for each run; run.now: seconds since 1970',
  steps: 'steps.ID: answer, message, packet, latency and at of the step with that id',
  secret: 'secret.NAME: values that are never shown',
} as const

/** What a step's own `bind` and `$where` may ask for beside. */
export const LOCAL = {
  answer: 'the answer that came, or what the person answered',
  message: 'the Msg that came',
  packet: 'packet.no, packet.topic, packet.fields["mqtt.topic"] of what came',
  latency: 'seconds from the request to the answer',
  value: 'in $where: the value that is judged',
} as const

/** What may be in an attachment. */
const ATTACHED: readonly string[] = ['content', 'packets', 'facts']

const STEP_LISTS = new Set(['steps', 'else', 'parallel'])
/** What is looked at when the steps inside were done. */
const LATER = new Set(['until', 'bind'])

export function checkFlow(root: Node, flow: Flow, remarks: Remarks): void {
  if (root.kind === 'map') new Checker(flow, remarks).flow(root)
}

const find = (node: MapNode, key: string): Node | undefined =>
  node.entries.find((entry) => entry.key === key)?.value
const textIn = (node: Node | undefined): string | undefined =>
  node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined

class Checker {
  readonly #flow: Flow
  readonly #remarks: Remarks
  readonly #known = new Set<string>(Object.keys(BUILT_IN))
  /** Names that get a value somewhere, for a better word about one that is used too early. */
  readonly #later = new Set<string>()
  readonly #ids = new Map<string, Node>()
  readonly #used = new Set<string>()

  constructor(flow: Flow, remarks: Remarks) {
    this.#flow = flow
    this.#remarks = remarks
  }

  flow(root: MapNode): void {
    for (const name of Object.keys(this.#flow.variables ?? {})) this.#known.add(name)
    this.#collect(root)
    const variables = find(root, 'variables')
    if (variables) this.#texts(variables, new Set())
    for (const phase of PHASES) {
      const node = find(root, phase)
      if (node) this.#steps(node)
    }
    if (variables?.kind === 'map') {
      for (const { key, place } of variables.entries) {
        if (!this.#used.has(key)) this.#remarks.warning(place, `The variable ${key} is not used.`)
      }
    }
  }

  /** Every name that some step gives a value. */
  #collect(node: Node): void {
    if (node.kind === 'list') for (const item of node.items) this.#collect(item)
    if (node.kind !== 'map') return
    for (const { key, value } of node.entries) {
      if ((key === 'bind' || key === 'set') && value.kind === 'map') {
        for (const entry of value.entries) this.#later.add(entry.key)
      } else if (key === '$bind' || key === 'for') this.#later.add(textIn(value) ?? '')
      this.#collect(value)
    }
  }

  #steps(node: Node): void {
    const steps = node.kind === 'list' ? node.items : [node]
    let ended: Node | undefined
    for (const step of steps) {
      if (ended) {
        this.#remarks.warning(step, 'This is never reached: the step before ends the flow.')
        ended = undefined
      }
      if (step.kind !== 'map') continue
      this.#step(step)
      if (find(step, 'end') && !find(step, 'when')) ended = step
    }
  }

  #step(node: MapNode): void {
    const kind =
      STEP_KINDS.find((one) => find(node, one) && (one !== 'expect' || !find(node, 'ask'))) ?? 'group'
    const table = stepTables.get(kind)
    const local = new Set<string>()
    const look = ({ key, value }: Entry): void => {
      if (table?.get(key)?.shape === expression && value.kind === 'scalar')
        this.#expression(String(value.value), value, local)
      else this.#texts(value, local)
    }
    for (const entry of node.entries) if (!STEP_LISTS.has(entry.key) && !LATER.has(entry.key)) look(entry)
    this.#particular(kind, node)
    const item = kind === 'for' ? textIn(find(node, 'for')) : undefined
    if (item !== undefined) this.#known.add(item)
    for (const name of local) this.#known.add(name)
    for (const { key, value } of node.entries) if (STEP_LISTS.has(key)) this.#steps(value)
    for (const entry of node.entries) if (entry.key === 'until') look(entry)
    this.#binds(node)
  }

  /** What belongs to one kind of step. */
  #particular(kind: string, node: MapNode): void {
    const asked = find(node, kind === 'nothing' ? 'nothing' : 'expect')
    const answer = asked?.kind === 'map' && kind !== 'send' ? find(asked, 'answer') : undefined
    const id = textIn(answer)
    if (answer && id !== undefined && !this.#ids.has(id)) {
      this.#remarks.error(
        answer,
        `No step before this one has the id ${id}.`,
        this.#like(id, this.#ids.keys()),
      )
    }
    const condition = find(node, 'if')
    if (condition?.kind === 'scalar' && typeof condition.value === 'boolean') {
      this.#remarks.warning(
        condition,
        `This is always ${condition.value}: one of the two ways is never taken.`,
      )
    }
    const times = find(node, 'repeat')
    if (times?.kind === 'scalar' && times.value === 0)
      this.#remarks.warning(times, 'These steps are never done.')
    if (kind === 'act') this.#act(node)
    if (kind === 'attach') this.#attach(node)
    const own = find(node, 'id')
    const name = textIn(own)
    if (own && name !== undefined) {
      if (this.#ids.has(name)) this.#remarks.error(own, `The id ${name} is taken by a step before this one.`)
      this.#ids.set(name, own)
    }
  }

  #act(node: MapNode): void {
    const act = textIn(find(node, 'act'))
    const given = find(node, 'with')
    if (act === undefined || !Object.hasOwn(ACTS, act)) return
    const known: readonly string[] = ACTS[act as ActName].with
    if (given?.kind !== 'map') return
    for (const entry of given.entries) {
      if (!known.includes(entry.key)) unknownKey(entry, known, `The act ${act}`, this.#remarks)
    }
  }

  #attach(node: MapNode): void {
    const given = node.entries.filter(({ key }) => ATTACHED.includes(key))
    if (given.length === 1) return
    const [, second] = given
    this.#remarks.error(second?.place ?? node, `An attachment has one of ${ATTACHED.join(', ')}.`)
  }

  #binds(node: MapNode): void {
    const bind = find(node, 'bind')
    const local = new Set<string>(Object.keys(LOCAL))
    const isCall = find(node, 'call') !== undefined
    const entries: readonly Entry[] = bind?.kind === 'map' ? bind.entries : []
    for (const { key, value } of entries) {
      // Of a call these are variables of the other flow.
      if (!isCall && value.kind === 'scalar') this.#expression(String(value.value), value, local)
      this.#known.add(key)
    }
    const set = find(node, 'set')
    if (set?.kind === 'map') for (const { key } of set.entries) this.#known.add(key)
  }

  /** Templates in every text below; `$where` is an expression, `$bind` makes a name known. */
  #texts(node: Node, local: Set<string>): void {
    if (node.kind === 'list') for (const item of node.items) this.#texts(item, local)
    if (node.kind === 'scalar' && typeof node.value === 'string') this.#template(node.value, node, local)
    if (node.kind !== 'map') return
    for (const { key, place, value } of node.entries) {
      if (key === '$bind') local.add(textIn(value) ?? '')
      if (key === '$sample' || key === '$bind') continue
      if (key === '$where') {
        this.#expression(String(valueOf(value)), value, new Set([...local, 'value']))
        continue
      }
      if (key.includes('${')) this.#template(key, { kind: 'scalar', value: key, ...place }, local)
      this.#texts(value, local)
    }
  }

  #template(text: string, node: Node, local: ReadonlySet<string>): void {
    if (!text.includes('${') || !checkTemplate(text, node, this.#remarks)) return
    const parsed = parseTemplate(text)
    if (!parsed.ok) return
    for (const part of parsed.parts) {
      if (typeof part === 'object') this.#names(part.expression, part.at, text, node, local)
    }
  }

  /** One that cannot be parsed was told when it was read. */
  #expression(text: string, node: Node, local: ReadonlySet<string>): void {
    const from = /^\s*\$\{/.exec(text)?.[0].length ?? 0
    const inner = from > 0 && text.trimEnd().endsWith('}') ? text.slice(from, text.lastIndexOf('}')) : text
    const parsed = parseExpression(inner)
    if (parsed.ok) this.#names(parsed.expression, inner === text ? 0 : from, text, node, local)
  }

  #names(expression: Expression, at: number, text: string, node: Node, local: ReadonlySet<string>): void {
    const fail = (start: number, end: number, message: string, hint?: string) => {
      const error: FilterError = {
        message,
        start: start + at,
        end: end + at,
        ...(hint !== undefined && { hint }),
      }
      textError(error, text, node, this.#remarks)
    }
    for (const { name, start, end } of namesIn(expression)) {
      this.#used.add(name)
      if (this.#known.has(name) || local.has(name)) continue
      const hint = this.#later.has(name)
        ? 'It gets one only in a later step.'
        : this.#like(name, [...this.#known, ...local])
      fail(start, end, `Nothing gives ${name} a value.`, hint)
    }
    for (const [root, key, start, end] of membersOf(expression)) {
      const known =
        root === 'steps' ? [...this.#ids.keys()] : root === 'secret' ? (this.#flow.secrets ?? []) : undefined
      if (known === undefined || known.includes(key)) continue
      const message =
        root === 'steps' ? `No step before this one has the id ${key}.` : `The flow names no secret ${key}.`
      fail(start, end, message, this.#like(key, known))
    }
  }

  #like(name: string, names: Iterable<string>): string | undefined {
    const like = nearest(name, names)
    return like && `Did you mean ${like}?`
  }
}

/** `[root, member, start, end]` of each `root.member`, placed at the root. */
function membersOf(expression: Expression): [string, string, number, number][] {
  const inside = partsOf(expression).flatMap(membersOf)
  if (expression.kind !== 'member') return inside
  const { of, key } = expression
  if (of.kind !== 'name' || key.kind !== 'value') return inside
  return [[of.name, String(key.value), of.start, of.end], ...inside]
}
