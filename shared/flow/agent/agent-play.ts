/**
 * A flow from the other side: the bench is the device. Requests of a controller get the answers that the flow
 * expects, in whatever order they come; its Notifies go out in order, each once all requests before it were served.
 * Pure, like a run: told what came, answers what is to be sent.
 */
import { encodeMsg, msgFromJson, type JsonValue } from '../../usp/codec.ts'
import { isMap, mapTexts, member, textOf, type Json, type JsonMap } from '../json.ts'
import { scopeOf, within, type Scope } from '../language/evaluate.ts'
import { FlowFault } from '../language/functions.ts'
import { fillAll } from '../language/template.ts'
import { match } from '../match.ts'
import { literal } from '../matchers.ts'
import { bodyIn, bodyOf, makeMsgJson, msgIdOf } from '../messages.ts'
import { innerSteps, type ExpectStep, type Flow, type SendStep, type Step } from '../model.ts'
import { titleOf } from '../run/title.ts'
import { concrete, getRespOf, samplesIn } from './concrete.ts'

export interface AgentOptions {
  /** Endpoint ID that the bench has as this device. */
  readonly device: string
  readonly controller: string
  readonly runId: string
  readonly variables?: JsonMap
  readonly secrets?: Readonly<Record<string, string>>
}

export type AgentEvent =
  /** A Msg of the controller. */
  | { readonly kind: 'msg'; readonly msg: JsonMap; readonly packet: number }
  /** The connection stands: Notifies may go out. */
  | { readonly kind: 'online' }

export interface AgentCommand {
  readonly do: 'answer' | 'notify'
  /** Path of the step in the flow; empty for the Error to a request that the flow does not have. */
  readonly step: string
  readonly msgId: string
  readonly msg: JsonMap
  readonly bytes: Uint8Array
}

export interface AgentItem {
  readonly step: string
  readonly title: string
  readonly kind: 'answers' | 'notifies'
  /** How often it was answered or sent. */
  readonly times: number
  readonly packets: readonly number[]
}

export interface AgentResult {
  readonly items: readonly AgentItem[]
  /** Requests that no step of the flow has: packet and what it was. */
  readonly unknown: readonly { readonly packet: number; readonly title: string }[]
  readonly moreUnknown: number
  /** Steps that this side cannot play, and why. */
  readonly problems: readonly string[]
  /** Every request, but for those of the clean-up, was asked for and every Notify has gone out. */
  readonly complete: boolean
}

type Item = { -readonly [K in keyof AgentItem]: AgentItem[K] } & {
  readonly source: SendStep | ExpectStep
  packets: number[]
}

const MAX_UNKNOWN = 1000
/** R-MSG.1: not understood. */
const NOT_UNDERSTOOD = { err_code: 7001, err_msg: 'The flow has no such request.' }

export class AgentPlay {
  readonly #flow: Flow
  readonly #items: Item[] = []
  readonly #problems: string[] = []
  readonly #values = new Map<string, Json>()
  readonly #scope: Scope
  readonly #unknown: { packet: number; title: string }[] = []
  readonly #options: AgentOptions
  #moreUnknown = 0
  #ids = 0
  #online = false
  /** msg_id of the Notify whose answer is awaited. */
  #awaited: string | undefined

  constructor(flow: Flow, options: AgentOptions) {
    this.#flow = flow
    this.#options = options
    const { device, controller, runId, secrets = {} } = options
    const fixed = scopeOf({ device, controller, run: { id: runId, now: 0 }, secret: secrets })
    this.#scope = { get: (name) => this.#values.get(name) ?? fixed.get(name) }
    for (const [name, value] of Object.entries({ ...flow.variables, ...options.variables })) {
      this.#values.set(name, fillAll(value, within(fixed, Object.fromEntries(this.#values))))
    }
    for (const phase of ['setup', 'steps', 'cleanup'] as const) this.#collect(flow[phase] ?? [], phase)
  }

  /** Requests and Notifies; a loop's steps count once, because requests may come as often as they like. */
  #collect(steps: readonly Step[], at: string): void {
    steps.forEach((step, index) => {
      const path = `${at}.${index}`
      const item = {
        step: path,
        title: titleOf(step),
        times: 0,
        packets: [],
        source: step as SendStep & ExpectStep,
      }
      if (step.kind === 'send' && bodyIn(step.send)?.kind.place === 'request') {
        this.#items.push({ ...item, kind: 'answers' })
        if (isMap(step.expect as Json)) this.#learn(step.expect as JsonMap)
      } else if (step.kind === 'expect' && step.expect.notify !== undefined) {
        this.#items.push({ ...item, kind: 'notifies' })
        this.#learn(step.expect.notify)
      } else if (['record', 'call', 'expect'].includes(step.kind)) {
        this.#problems.push(`${path} (${titleOf(step)}) has nothing that a device does.`)
      }
      for (const [key, inner] of innerSteps(step)) this.#collect(inner, `${path}.${key}`)
    })
  }

  #learn(expected: Json): void {
    for (const [name, sample] of samplesIn(expected)) this.#values.set(name, sample)
  }

  feed(event: AgentEvent): readonly AgentCommand[] {
    if (event.kind === 'online') {
      this.#online = true
      return this.#due()
    }
    const body = bodyOf(event.msg)
    if (Object.hasOwn(body, 'notify_resp')) {
      if (msgIdOf(event.msg) === this.#awaited) this.#awaited = undefined
      return this.#due()
    }
    const found = bodyIn(body)
    if (found?.kind.place !== 'request') return []
    const answer = this.#serve(body, event)
    return [...answer, ...this.#due()]
  }

  result(): AgentResult {
    return {
      items: this.#items.map(({ source: _source, ...item }) => ({ ...item, packets: [...item.packets] })),
      unknown: [...this.#unknown],
      moreUnknown: this.#moreUnknown,
      problems: [...this.#problems],
      complete: this.#items.every(({ times, step }) => times > 0 || step.startsWith('cleanup')),
    }
  }

  /** The first request of the flow that is like this one, those that were not asked for yet before others. */
  #serve(body: JsonMap, { msg, packet }: Extract<AgentEvent, { kind: 'msg' }>): AgentCommand[] {
    const requests = this.#items.filter(({ kind }) => kind === 'answers')
    const ordered = [
      ...requests.filter(({ times }) => times === 0),
      ...requests.filter(({ times }) => times > 0),
    ]
    for (const item of ordered) {
      const bindings = this.#fits(item.source as SendStep, body)
      if (bindings === undefined) continue
      for (const [name, value] of Object.entries(bindings)) this.#values.set(name, value)
      item.times += 1
      if (item.packets.length < MAX_UNKNOWN) item.packets.push(packet)
      return this.#answer(item, body, msgIdOf(msg))
    }
    if (this.#unknown.length < MAX_UNKNOWN) {
      this.#unknown.push({ packet, title: Object.keys(body)[0] ?? '' })
    } else this.#moreUnknown += 1
    return [this.#command('answer', '', { error: NOT_UNDERSTOOD }, msgIdOf(msg))]
  }

  /** Values that the controller chose for the flow's variables; `undefined` when the request is another one. */
  #fits(step: SendStep, body: JsonMap): JsonMap | undefined {
    const own = new Set(Object.keys(this.#flow.variables ?? {}))
    const expected = mapTexts(step.send, (text) => {
      const name = /^\$\{([\p{L}_][\p{L}\p{N}_]*)\}$/u.exec(text)?.[1]
      return name !== undefined && own.has(name) && !this.#isMade(name) ? { $bind: name } : text
    })
    const { ok, bindings } = match(expected, body, this.#scope)
    if (!ok) return undefined
    // Matching is partial, and a request for more is another one.
    const scope = within(this.#scope, bindings)
    return match(literal(body), fillAll(step.send, scope), scope).ok ? bindings : undefined
  }

  /** A variable for a row that the device itself makes: its number is what the device said. */
  #isMade(name: string): boolean {
    return this.#items.some(({ source }) => {
      const expected = source.kind === 'send' ? source.expect : source.expect.notify
      return samplesIn((expected ?? null) as Json).some(([bound]) => bound === name)
    })
  }

  #answer(item: Item, request: JsonMap, msgId: string): AgentCommand[] {
    const { expect } = item.source as SendStep
    if (expect === 'nothing' || expect === 'later') return []
    try {
      if (!isMap(expect as Json)) throw new FlowFault('the flow does not say what is answered')
      const { params, ...rest } = expect as JsonMap
      const made = concrete(rest, this.#scope) as JsonMap
      if (Object.keys(made).length > 0 || !isMap(params))
        return [this.#command('answer', item.step, made, msgId)]
      const asked = isMap(request['get']) ? (member(request['get'], 'param_paths') ?? []) : []
      const values = concrete(params, this.#scope) as JsonMap
      return [this.#command('answer', item.step, getRespOf(values, asked), msgId)]
    } catch (error) {
      return [
        this.#command(
          'answer',
          item.step,
          { error: { err_code: 7003, err_msg: this.#told(item, error) } },
          msgId,
        ),
      ]
    }
  }

  #told(item: Item, error: unknown): string {
    if (!(error instanceof FlowFault)) throw error
    const text = `${item.step} (${item.title}): ${error.message}`
    if (!this.#problems.includes(text)) this.#problems.push(text)
    return text
  }

  /** The next Notify, when all requests before it were served and the one before it was answered. */
  #due(): AgentCommand[] {
    const commands: AgentCommand[] = []
    while (this.#online && this.#awaited === undefined) {
      const next = this.#items.find(({ times }) => times === 0)
      if (next?.kind !== 'notifies') break
      next.times = 1
      try {
        this.#ids += 1
        const msgId = `${this.#options.runId}-notify-${this.#ids}`
        const notify = concrete((next.source as ExpectStep).expect.notify ?? {}, this.#scope) as JsonMap
        commands.push(this.#command('notify', next.step, { notify }, msgId))
        if (notify['send_resp'] === true) this.#awaited = msgId
      } catch (error) {
        this.#told(next, error)
      }
    }
    return commands
  }

  #command(kind: AgentCommand['do'], step: string, body: JsonMap, msgId: string): AgentCommand {
    const msg = makeMsgJson(body, msgId)
    try {
      return { do: kind, step, msgId, msg, bytes: encodeMsg(msgFromJson(msg as JsonValue)) }
    } catch (error) {
      throw new FlowFault(textOf((error as Error).message))
    }
  }
}
