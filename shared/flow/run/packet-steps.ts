/** Steps that send packets and wait for packets. */
import { encodeMsg, msgFromJson, type JsonValue } from '../../usp/codec.ts'
import type { Field } from '../../dissect/field.ts'
import { isMap, mapOf, member, textOf, type Json, type JsonMap } from '../json.ts'
import { FlowFault } from '../language/functions.ts'
import { fillAll } from '../language/template.ts'
import { match, type Difference } from '../match.ts'
import { bodyIn, bodyOf, makeMsgJson, msgIdOf } from '../messages.ts'
import type { Awaited, SendStep } from '../model.ts'
import type { SeenPacket, SendCommand } from './events.ts'
import { StepFailure } from './outcomes.ts'
import { mqttWishes, payloadBytes, recordBytes, toProperties } from './payload.ts'
import type { Frame, Player, Task } from './player.ts'
import type { OpenStep } from './result.ts'
import type { Runner } from './runners.ts'

const seconds = (ms: number): string => `${Number((ms / 1000).toFixed(3))} s`

/** The keys of a step with their templates filled. */
const filled = <T extends object>(
  player: Player,
  frame: Frame,
  step: T,
  keys: readonly (keyof T & string)[],
): JsonMap =>
  mapOf(
    keys.flatMap((key): [string, Json][] => {
      const value = step[key] as Json | undefined
      return value === undefined ? [] : [[key, fillAll(value, player.scope(frame))]]
    }),
  )

const MQTT_KEYS = ['topic', 'reply_topic', 'content_type', 'qos', 'retain', 'properties'] as const

function sendCommand(player: Player, step: SendStep, self: OpenStep, frame: Frame): SendCommand {
  const keys = filled(player, frame, step, [
    'to',
    'from',
    'record_to',
    'msg_id',
    'version',
    'session',
    ...MQTT_KEYS,
  ])
  const text = (name: string) => (keys[name] === undefined ? undefined : textOf(keys[name]))
  const msgId = text('msg_id') ?? player.freshMsgId()
  const msg = makeMsgJson(player.fill(frame, step.send) as JsonMap, msgId)
  let bytes: Uint8Array
  try {
    bytes = encodeMsg(msgFromJson(msg as JsonValue))
  } catch (error) {
    throw new FlowFault(`this is no message: ${(error as Error).message}`)
  }
  const [recordTo, from, version] = ['record_to', 'from', 'version'].map(text)
  return {
    do: 'send',
    token: player.nextToken(),
    step: self.path,
    to: text('to') ?? player.options.device,
    msgId,
    msg,
    bytes,
    ...mqttWishes(keys),
    ...(recordTo !== undefined && { recordTo }),
    ...(from !== undefined && { from }),
    ...(version !== undefined && { version }),
    ...(isMap(keys['session']) && { session: keys['session'] }),
  }
}

/** Requests that get no answer: a Notify or an Operate that does not ask for one, and all that is no request. */
function owesAnswer(msg: JsonMap): boolean {
  const found = bodyIn(bodyOf(msg))
  if (found?.kind.place !== 'request') return false
  const asks = isMap(found.content) && member(found.content, 'send_resp') === true
  return asks || !['notify', 'operate'].includes(found.kind.name)
}

const isAnswer = (packet: SeenPacket, msgId: string, device: string): boolean => {
  if (packet.msg === undefined || packet.from !== device || msgIdOf(packet.msg) !== msgId) return false
  return bodyIn(withoutParams(bodyOf(packet.msg)))?.kind.place !== 'request'
}

/** `params` beside a GetResp is made for reading it; it is not in the message. */
const withoutParams = (body: JsonMap): JsonMap =>
  mapOf(Object.entries(body).filter(([name]) => name !== 'params'))

export const send: Runner<'send'> = function* (player, step, self, frame) {
  const command = sendCommand(player, step, self, frame)
  const { token, to, msgId, msg } = command
  const wanted = step.expect ?? (owesAnswer(msg) ? 'response' : 'later')
  const from = player.inbox.end
  frame.mark = from
  const within = step.within ?? player.limits.answer
  const started = player.now
  player.commands.push(command)
  const { at = started } = yield* player.finish(token, self, started + Math.max(within, player.limits.answer))
  const sent = { msg_id: msgId, request: bodyOf(msg) }
  if (wanted === 'later') {
    if (step.id !== undefined) frame.pending.set(step.id, { msgId, device: to, at })
    return remember(player, frame, self, step, { ...sent, at: at / 1000 })
  }
  const deadline = started + within
  const packet = yield* arrival(player, from, deadline, (one) => isAnswer(one, msgId, to))
  if (wanted === 'nothing') {
    if (packet === undefined) return remember(player, frame, self, step, { ...sent, at: at / 1000 })
    accept(player, self, packet, at)
    throw new StepFailure('An answer came, and none was expected.')
  }
  if (packet === undefined) throw new StepFailure(`No answer came within ${seconds(within)}.`)
  const body = accept(player, self, packet, at)
  const local = { ...sent, ...facts(packet, body, at) }
  // Also of a step that fails: what comes after it may attach or look at the answer.
  keep(frame, step, local)
  judgeAnswer(player, self, frame, wanted === 'response' ? undefined : wanted, body)
  remember(player, frame, self, step, local)
}

/** The first packet that passes, taken; `undefined` when none came until the deadline. */
function* arrival(
  player: Player,
  from: number,
  deadline: number,
  passes: (packet: SeenPacket) => boolean,
  take = true,
): Task<SeenPacket | undefined> {
  for (let at = from; ;) {
    const { end } = player.inbox
    const packet = player.inbox.find(at, passes, take)
    if (packet) return packet
    if (player.now >= deadline) return undefined
    at = end
    yield* player.next(deadline)
  }
}

function accept(player: Player, self: OpenStep, packet: SeenPacket, sentAt?: number): JsonMap {
  self.packets.push(packet.no)
  if (sentAt !== undefined) self.latency = Math.max(0, packet.time - sentAt)
  const body = packet.msg === undefined ? {} : bodyOf(packet.msg)
  if (packet.msg !== undefined) player.keepSeen(self, withoutParams(body))
  return body
}

/** `undefined` expects any answer but an Error. */
function judgeAnswer(
  player: Player,
  self: OpenStep,
  frame: Frame,
  expected: JsonMap | undefined,
  body: JsonMap,
): void {
  const error = member(body, 'error')
  const isError = isMap(error)
  const told = isError
    ? `Error ${textOf(error['err_code'] ?? 0)} ${textOf(error['err_msg'] ?? '')}`.trim()
    : ''
  if (expected === undefined) {
    if (isError)
      throw new StepFailure(`The answer is ${told}.`, [
        { path: 'error', seen: error, why: 'was not expected' },
      ])
    return
  }
  const { ok, differences, bindings } = match(expected, body, player.scope(frame))
  player.bind(frame, self, bindings)
  if (ok) return
  const note =
    isError && !Object.hasOwn(expected, 'error')
      ? `The answer is ${told}.`
      : 'The answer is not what was expected.'
  throw new StepFailure(note, differences)
}

const facts = (packet: SeenPacket, body: JsonMap, sentAt: number | undefined): JsonMap => ({
  answer: body,
  message: body,
  at: packet.time / 1000,
  packet: packetFacts(packet),
  ...(sentAt !== undefined && { latency: Math.max(0, packet.time - sentAt) / 1000 }),
})

/** What expressions can ask a packet for: `packet.fields["mqtt.topic"]` is the first field of that name. */
function packetFacts({ no, time, topic, msg, view }: SeenPacket): JsonMap {
  const fields = new Map<string, Json>()
  const add = (list: readonly Field[]): void => {
    for (const { name, value, children } of list) {
      if (value !== undefined && !fields.has(name))
        fields.set(name, typeof value === 'bigint' ? String(value) : value)
      if (children) add(children)
    }
  }
  // Only packets that are asked for by a filter need more than their message.
  if (msg === undefined && view) add(view.fields())
  return {
    no,
    at: time / 1000,
    fields: mapOf(fields),
    ...(topic !== undefined && { topic }),
    ...(msg && { msg_id: msgIdOf(msg) }),
  }
}

/** Keeps what a step saw under its id. */
const keep = (frame: Frame, { id }: { readonly id?: string }, local: JsonMap): void => {
  if (id !== undefined) frame.ids.set(id, local)
}

/** The same, then binds. */
function remember(
  player: Player,
  frame: Frame,
  self: OpenStep,
  step: { readonly id?: string; readonly bind?: Readonly<Record<string, string>> },
  local: JsonMap,
): void {
  keep(frame, step, local)
  player.bindExpressions(frame, self, step.bind, local)
}

export const record: Runner<'record'> = function* (player, step, self, frame) {
  const token = player.nextToken()
  const keys = filled(player, frame, step, ['record', 'to', ...MQTT_KEYS])
  const bytes = recordBytes(keys['record'] as never)
  const to = keys['to'] === undefined ? player.options.device : textOf(keys['to'])
  frame.mark = player.inbox.end
  player.commands.push({ do: 'record', token, step: self.path, to, bytes, ...mqttWishes(keys) })
  const { at } = yield* player.finish(token, self, player.now + player.limits.answer)
  remember(player, frame, self, step, { at: (at ?? player.now) / 1000 })
}

export const publish: Runner<'publish'> = function* (player, step, self, frame) {
  const token = player.nextToken()
  const {
    publish: topic,
    payload,
    ...keys
  } = filled(player, frame, step, ['publish', 'payload', 'qos', 'retain', 'properties'])
  const bytes = payloadBytes(payload as never)
  frame.mark = player.inbox.end
  player.commands.push({
    do: 'publish',
    token,
    step: self.path,
    ...mqttWishes(keys),
    topic: textOf(topic ?? ''),
    payload: bytes,
    properties: toProperties(keys['properties'] as never),
  })
  const { at } = yield* player.finish(token, self, player.now + player.limits.answer)
  remember(player, frame, self, step, { at: (at ?? player.now) / 1000 })
}

interface Looked {
  /** How the packet differs; none when it is the one. */
  readonly differences: readonly Difference[]
  readonly bindings: JsonMap
}

/** Is this the packet that is waited for? `undefined`: it is of another kind altogether. */
function look(
  player: Player,
  frame: Frame,
  awaited: Awaited,
  sender: string,
  packet: SeenPacket,
): Looked | undefined {
  const { answer, is, notify, message, packet: filter } = awaited
  const isMessage = answer !== undefined || notify !== undefined || message !== undefined
  if ((isMessage || sender !== '') && packet.from !== (sender === '' ? player.options.device : sender))
    return undefined
  if (filter !== undefined && !player.takes(player.text(frame, filter), packet)) return undefined
  if (!isMessage) return { differences: [], bindings: {} }
  if (packet.msg === undefined) return undefined
  if (answer !== undefined) {
    const pending = frame.pending.get(answer)
    if (pending === undefined || !isAnswer(packet, pending.msgId, pending.device)) return undefined
  }
  const body = bodyOf(packet.msg)
  if (notify !== undefined && !Object.hasOwn(body, 'notify')) return undefined
  const wanted = { ...message, ...is, ...(notify !== undefined && { notify }) }
  const { differences, bindings } = match(wanted, body, player.scope(frame))
  return { differences, bindings }
}

function since(
  player: Player,
  frame: Frame,
  step: { readonly since?: 'start' | 'send' | 'now' },
  usual: 'start' | 'send',
): number {
  const from = step.since ?? usual
  return from === 'start' ? 0 : from === 'send' ? frame.mark : player.inbox.end
}

export const expect: Runner<'expect'> = function* (player, step, self, frame) {
  const awaited = step.expect
  const sender = step.from === undefined ? '' : player.text(frame, step.from)
  const pending = awaited.answer === undefined ? undefined : frame.pending.get(awaited.answer)
  if (awaited.answer !== undefined && pending === undefined) {
    throw new FlowFault(`the step ${awaited.answer} has sent nothing that is still to be answered`)
  }
  // A Notify may come before the answer that the step before waited for.
  const isFilter =
    awaited.notify === undefined && awaited.message === undefined && awaited.answer === undefined
  const from = since(player, frame, step, isFilter ? 'send' : 'start')
  const within = step.within ?? player.limits.answer
  let closest: { readonly packet: SeenPacket; readonly looked: Looked } | undefined
  let found: Looked | undefined
  const passes = (packet: SeenPacket): boolean => {
    const looked = look(player, frame, awaited, sender, packet)
    if (looked === undefined) return false
    found = looked
    if (looked.differences.length === 0) return true
    if (!closest || looked.differences.length <= closest.looked.differences.length)
      closest = { packet, looked }
    return false
  }
  const packet = yield* arrival(player, from, player.now + within, passes)
  if (packet && found) {
    if (awaited.answer !== undefined) frame.pending.delete(awaited.answer)
    const body = accept(player, self, packet, pending?.at)
    player.bind(frame, self, found.bindings)
    return remember(player, frame, self, step, facts(packet, body, pending?.at))
  }
  const what =
    awaited.answer !== undefined ? 'No such answer' : isFilter ? 'No such packet' : 'No such message'
  if (closest === undefined) throw new StepFailure(`${what} came within ${seconds(within)}.`)
  accept(player, self, closest.packet, pending?.at)
  throw new StepFailure(
    `${what} came within ${seconds(within)}; the closest one is shown.`,
    closest.looked.differences,
  )
}

export const nothing: Runner<'nothing'> = function* (player, step, self, frame) {
  const sender = step.from === undefined ? '' : player.text(frame, step.from)
  const from = since(player, frame, step, 'send')
  const passes = (packet: SeenPacket) =>
    look(player, frame, step.nothing, sender, packet)?.differences.length === 0
  const packet = yield* arrival(player, from, player.now + step.for, passes, false)
  if (packet === undefined) return
  accept(player, self, packet)
  throw new StepFailure('It came, and nothing was expected.')
}
