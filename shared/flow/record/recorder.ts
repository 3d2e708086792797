/**
 * What happened between a controller and a device → a flow that does it again. msg_ids are new at every replay by
 * themselves; endpoint IDs, topics, client IDs, command keys and rows that were made become variables; values that
 * change by themselves become matchers, listed for review.
 */
import { toBase64 } from '../../dissect/copy.ts'
import { isList, isMap, member, textOf, type Json, type JsonMap } from '../json.ts'
import { quote } from '../../filter/lexer.ts'
import { isUtf8, utf8 } from '../../usp/wire.ts'
import { bodyIn, bodyOf, msgIdOf } from '../messages.ts'
import {
  DEFAULT_LIMITS,
  FLOW_VERSION,
  type Flow,
  type Payload,
  type PropertyValues,
  type Step,
} from '../model.ts'
import { Expectation, reviewKey, type ReviewItem } from './expectation.ts'
import { Names } from './names.ts'
import { isSecret } from './volatile.ts'

export { reviewKey, type ReviewItem }

/** A Record that went from one endpoint to the other; each once, though the broker saw it twice. */
export interface RecordedPacket {
  readonly no: number
  /** Milliseconds. */
  readonly time: number
  readonly from: string
  readonly to: string
  /** The Msg inside, as `msgJson` has it; absent for Records without one. */
  readonly msg?: JsonMap
  /** The payload, for what is no Record with a Msg. */
  readonly bytes?: Uint8Array
  /** How it was published, for what is no Record; `from` is then the client ID of one without an endpoint ID. */
  readonly publish?: {
    readonly topic: string
    readonly qos: number
    readonly retain: boolean
    readonly properties: PropertyValues
  }
}

/**
 * - Of a request: `ignore` leaves it out.
 * - Of an answer: `expect` its values, `keep` any answer but an Error, `ignore`: does not wait for it.
 * - Of a Notify: `expect` its values, `keep` any of its kind, `ignore` leaves it out.
 * - Of a message that is no Record: `keep` and `expect` publish it again or, from the device, wait for one of its
 *   topic.
 * - Of anything else, `keep` and `expect` send it again when the controller sent it.
 */
export type Choice = 'keep' | 'expect' | 'ignore'

export interface RecordOptions {
  readonly name: string
  readonly device: string
  /** By packet number; where left out `expect`, but `ignore` for repeated Notifies. */
  readonly choices?: ReadonlyMap<number, Choice>
  /** Values that are expected as they were, though they change by themselves, by `reviewKey`. */
  readonly exact?: ReadonlySet<string>
  /** Other texts that are different at another device, with the variable for each: topics, client IDs. */
  readonly known?: Readonly<Record<string, string>>
}

export interface Recording {
  readonly flow: Flow
  readonly review: readonly ReviewItem[]
  /** Packets that are in no step, and why. */
  readonly left: readonly { readonly packet: number; readonly why: string }[]
}

/** Silence after a request that counts as "no answer". */
const SILENCE = 2000

export function recordFlow(packets: readonly RecordedPacket[], options: RecordOptions): Recording {
  return new Recorder(packets, options).record()
}

const BY_CHOICE = 'left out by choice'
const OF_DEVICE = 'a message of the device that is no Record'
const TO_NOBODY = 'no Record, and not seen to reach the device'
/** Reasons that a choice can change. */
export const byChoice = (why: string): boolean =>
  [BY_CHOICE, OF_DEVICE, TO_NOBODY].includes(why) || why.startsWith('a Notify sent again')

type Publication = NonNullable<RecordedPacket['publish']>

/** A message that nobody was seen to get concerns the device that its topic names. */
const concerns = ({ from, to, publish }: RecordedPacket, device: string): boolean =>
  from === device || to === device || (to === '' && publish?.topic.split('/').includes(device) === true)

/** Undefined for bytes that YAML could not show as the text they are. */
function textOfBytes(bytes: Uint8Array): string | undefined {
  const text = utf8(bytes, 0, bytes.length)
  return isUtf8(text, bytes, 0, bytes.length) && !/[^\P{C}\t\n]/u.test(text) ? text : undefined
}

/** A whole endpoint ID is found in topics and other texts too; a name like "ACS" may be part of any word. */
const partOf = (endpoint: string) => (endpoint.includes(':') ? 'anywhere' : 'none')

type Body = NonNullable<ReturnType<typeof bodyOfPacket>>

/** What is in the Msg, without what was made for reading it. */
function bodyOfPacket({ msg }: RecordedPacket) {
  if (msg === undefined) return undefined
  const body = bodyOf(msg)
  const found = bodyIn(body)
  return found && { ...found, body: { [found.kind.name]: found.content } as JsonMap }
}

class Recorder {
  readonly #packets: readonly RecordedPacket[]
  readonly #options: RecordOptions
  readonly #names = new Names()
  readonly #variables: [string, Json][] = []
  readonly #steps: Step[] = []
  readonly #review: ReviewItem[] = []
  readonly #left: { packet: number; why: string }[] = []
  readonly #answers = new Map<number, RecordedPacket>()
  /** Rows that were made and are still there at the end, by path. */
  readonly #rows = new Map<string, string>()
  /** Names of passwords, by password. */
  readonly #secrets = new Map<string, string>()
  readonly #seenNotifies = new Map<string, number>()
  #ended: number | undefined

  constructor(packets: readonly RecordedPacket[], options: RecordOptions) {
    const { device } = options
    this.#options = options
    this.#packets = [...packets]
      .filter((packet) => {
        const isOurs = concerns(packet, device)
        if (!isOurs) this.#left.push({ packet: packet.no, why: 'another device' })
        return isOurs
      })
      .sort((one, other) => one.time - other.time || one.no - other.no)
  }

  record(): Recording {
    this.#learn()
    this.#pair()
    for (const packet of this.#packets) this.#packet(packet)
    const { name } = this.#options
    const used = this.#variables.filter(
      ([variable]) => this.#names.used.has(variable) || [...this.#rows.values()].includes(variable),
    )
    const cleanup = [...this.#rows.values()].toReversed().map((variable): Step => ({
      kind: 'send',
      when: `${variable} != ""`,
      send: { delete: { obj_paths: [`\${${variable}}`] } },
    }))
    const flow: Flow = {
      flow: FLOW_VERSION,
      name,
      ...(used.length > 0 && { variables: Object.fromEntries(used) }),
      ...(this.#secrets.size > 0 && { secrets: [...this.#secrets.values()] }),
      steps: this.#steps,
      ...(cleanup.length > 0 && { cleanup }),
    }
    return { flow, review: this.#review, left: this.#left.sort((one, other) => one.packet - other.packet) }
  }

  /** Names that are known before the first packet. */
  #learn(): void {
    const { device, known = {} } = this.#options
    this.#names.add(device, 'device', partOf(device))
    const controller =
      this.#packets.find(({ from, to }) => to === device && from !== '')?.from ??
      this.#packets.find(({ from }) => from === device)?.to
    if (controller !== undefined && controller !== device) {
      this.#names.add(controller, 'controller', partOf(controller))
    }
    for (const [text, name] of Object.entries(known)) {
      const variable = this.#names.free(name, false)
      this.#names.add(text, variable)
      this.#variables.push([variable, text])
    }
  }

  /** Answers belong to requests by msg_id and endpoints; the first one counts. */
  #pair(): void {
    const open = new Map<string, RecordedPacket>()
    for (const packet of this.#packets) {
      const found = bodyOfPacket(packet)
      if (found === undefined || packet.msg === undefined) continue
      const [from, to] = found.kind.place === 'request' ? [packet.from, packet.to] : [packet.to, packet.from]
      const key = JSON.stringify([from, to, msgIdOf(packet.msg)])
      if (found.kind.place === 'request') open.set(key, packet)
      else {
        const request = open.get(key)
        if (request) this.#answers.set(request.no, packet)
        open.delete(key)
      }
    }
  }

  #choice(packet: RecordedPacket, usual: Choice): Choice {
    return this.#options.choices?.get(packet.no) ?? usual
  }

  #leave(packet: RecordedPacket, why: string): void {
    this.#left.push({ packet: packet.no, why })
  }

  #packet(packet: RecordedPacket): void {
    const found = bodyOfPacket(packet)
    const isOurs = packet.to === this.#options.device
    if (found === undefined) this.#other(packet, isOurs)
    else if (isOurs && found.kind.place === 'request') this.#request(packet, found)
    else if (!isOurs && found.kind.name === 'notify') this.#notify(packet, found)
    else if (isOurs) this.#leave(packet, 'an answer of the controller: the bench gives its own')
    else if (found.kind.place === 'request') this.#leave(packet, `a ${found.kind.name} of the device`)
    else if (![...this.#answers.values()].includes(packet)) this.#leave(packet, 'an answer without a request')
  }

  /** The time since the step before, and from now on the end of this one. */
  #gap(from: number, to: number): { readonly gap?: number } {
    const gap = this.#ended === undefined ? 0 : Math.round(from - this.#ended)
    this.#ended = Math.max(this.#ended ?? to, to)
    return gap > 0 ? { gap } : {}
  }

  #other(packet: RecordedPacket, isOurs: boolean): void {
    if (packet.publish) return this.#message(packet, packet.publish)
    const choice = this.#choice(packet, isOurs ? 'keep' : 'ignore')
    if (!isOurs || packet.bytes === undefined) return this.#leave(packet, 'a Record without a Msg')
    if (choice === 'ignore') return this.#leave(packet, BY_CHOICE)
    const gap = this.#gap(packet.time, packet.time)
    this.#steps.push({ kind: 'record', record: { base64: toBase64(packet.bytes) }, ...gap })
  }

  /** One that reached nobody known is sent again only by choice, as are those of the device waited for. */
  #message(packet: RecordedPacket, { topic, qos, retain, properties }: Publication): void {
    const { device } = this.#options
    const isOfDevice = packet.from === device
    const usual = packet.to === device ? 'keep' : 'ignore'
    if (this.#choice(packet, usual) === 'ignore') {
      const isChosen = this.#options.choices?.get(packet.no) === 'ignore'
      return this.#leave(
        packet,
        isChosen || usual === 'keep' ? BY_CHOICE : isOfDevice ? OF_DEVICE : TO_NOBODY,
      )
    }
    const gap = this.#gap(packet.time, packet.time)
    if (isOfDevice) {
      const filter = `mqtt.msgtype == PUBLISH && mqtt.topic == ${this.#names.template(quote(topic))}`
      this.#steps.push({ kind: 'expect', expect: { packet: filter }, ...gap })
      return
    }
    const values = this.#names.templates(properties) as PropertyValues
    this.#steps.push({
      kind: 'publish',
      publish: this.#names.template(topic),
      ...(packet.bytes && packet.bytes.length > 0 && { payload: this.#payload(packet.bytes) }),
      qos,
      ...(retain && { retain }),
      ...(Object.keys(values).length > 0 && { properties: values }),
      ...gap,
    })
  }

  #payload(bytes: Uint8Array): Payload {
    const text = textOfBytes(bytes)
    return text === undefined ? { base64: toBase64(bytes) } : { text: this.#names.template(text) }
  }

  #request(packet: RecordedPacket, { kind, content, body }: Body): void {
    if (this.#choice(packet, 'keep') === 'ignore') return this.#leave(packet, BY_CHOICE)
    if (kind.name === 'operate') this.#commandKey(content)
    this.#learnSecrets(content)
    const send = this.#names.templates(body) as JsonMap
    const answer = this.#answers.get(packet.no)
    const gap = this.#gap(packet.time, answer?.time ?? packet.time)
    const expectation =
      answer === undefined ? this.#silence(packet, content, kind.name) : this.#answer(answer, packet)
    if (kind.name === 'delete') this.#deleted(content)
    this.#steps.push({ kind: 'send', send, ...expectation, ...gap })
  }

  #answer(
    answer: RecordedPacket,
    request: RecordedPacket,
  ): Pick<Extract<Step, { kind: 'send' }>, 'expect' | 'within'> {
    const choice = this.#choice(answer, 'expect')
    const patience = 3 * (answer.time - request.time)
    const within = patience > DEFAULT_LIMITS.answer ? { within: Math.ceil(patience / 1000) * 1000 } : {}
    if (choice === 'ignore') return { expect: 'later' }
    if (choice === 'keep') return { expect: 'response', ...within }
    return { expect: this.#expected(answer, bodyOfPacket(answer)?.body ?? {}), ...within }
  }

  /** Nothing came: that is expected again where the recording went on long enough to say so. */
  #silence(
    packet: RecordedPacket,
    content: Json,
    name: string,
  ): { readonly expect?: 'nothing' | 'later'; readonly within?: number } {
    const isOwed = !['notify', 'operate'].includes(name) || (isMap(content) && content['send_resp'] === true)
    if (!isOwed) return {}
    const last = this.#packets.at(-1)?.time ?? packet.time
    return last - packet.time >= SILENCE ? { expect: 'nothing', within: SILENCE } : { expect: 'later' }
  }

  #expected(packet: RecordedPacket, body: JsonMap): JsonMap {
    const expectation = new Expectation(this.#names, packet.no, this.#options.exact)
    const expected = expectation.of(body)
    this.#review.push(...expectation.review)
    for (const { path, variable, isRow } of expectation.made) {
      if (!isRow) continue
      this.#variables.push([variable, ''])
      this.#rows.set(path, variable)
    }
    return expected
  }

  #notify(packet: RecordedPacket, { content, body }: Body): void {
    const id = packet.msg === undefined ? '' : msgIdOf(packet.msg)
    const first = this.#seenNotifies.get(id)
    const choice = this.#choice(packet, first === undefined ? 'expect' : 'ignore')
    if (choice === 'ignore') {
      return this.#leave(packet, first === undefined ? BY_CHOICE : `a Notify sent again: packet ${first}`)
    }
    this.#seenNotifies.set(id, packet.no)
    const waited = this.#ended === undefined ? 0 : packet.time - this.#ended
    const patience = Math.ceil((3 * waited) / 1000) * 1000
    const within = patience > DEFAULT_LIMITS.answer ? { within: patience } : {}
    this.#gap(packet.time, packet.time)
    const kinds = isMap(content) ? Object.keys(content).filter((key) => isMap(content[key])) : []
    const expected: Json =
      choice === 'keep'
        ? Object.fromEntries(kinds.map((key) => [key, '$present']))
        : (this.#expected(packet, body)['notify'] ?? {})
    this.#steps.push({ kind: 'expect', expect: { notify: expected }, ...within })
  }

  #commandKey(content: Json): void {
    const key = isMap(content) ? textOf(member(content, 'command_key') ?? '') : ''
    if (key === '') return
    const variable = this.#names.free('command_key', true)
    this.#names.add(key, variable)
    this.#variables.push([variable, `\${run.id}-${variable.replaceAll('_', '-')}`])
  }

  /** Makes a name known for each password that is set in the value. */
  #learnSecrets(value: Json): void {
    if (isList(value)) for (const item of value) this.#learnSecrets(item)
    if (!isMap(value)) return
    const { param } = value
    for (const [name, item] of Object.entries(value)) {
      const isOne = isSecret(name === 'value' && typeof param === 'string' ? param : name)
      if (!isOne || typeof item !== 'string' || item === '') this.#learnSecrets(item)
      else if (!this.#secrets.has(item)) {
        const secret = this.#names.free('password', true)
        this.#secrets.set(item, secret)
        this.#names.add(item, `secret.${secret}`)
      }
    }
  }

  #deleted(content: Json): void {
    const paths = isMap(content) ? member(content, 'obj_paths') : undefined
    for (const path of Array.isArray(paths) ? paths : []) this.#rows.delete(textOf(path as Json))
  }
}
