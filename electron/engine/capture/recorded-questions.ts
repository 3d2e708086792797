/** From a row of a capture to what an access list is asked about it, and how that was answered at the time. */
import type { Decision, Subject } from '../../../shared/acl/model.ts'
import {
  connectionSubject,
  packetQuestions,
  REPLY_REFUSED,
  WILL_REFUSED,
  type PacketQuestion,
} from '../../../shared/acl/packet-questions.ts'
import type { PacketNote } from '../../../shared/contract/model.ts'
import { VERDICTS } from '../../../shared/filter/columns.ts'
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import { MqttError } from '../../../shared/mqtt/error.ts'
import type { Packet, PacketOf, ProtocolLevel, QoS } from '../../../shared/mqtt/packets.ts'
import { Way } from './columns.ts'
import type { Connection } from './connections.ts'
import { bytesOf, type Parts } from './rows.ts'

export interface RecordedQuestion {
  readonly question: PacketQuestion
  /** Undefined where the capture does not say. */
  readonly recorded: Decision | undefined
}

const CONNECT = 1
const PUBLISH = 3
const SUBSCRIBE = 8
const SUBACK = 9
const asked: ReadonlySet<number> = new Set([CONNECT, PUBLISH, SUBSCRIBE])

const NOT_AUTHORIZED = 0x87
const FIRST_ERROR = 0x80
/** Rows after a SUBSCRIBE among which its SUBACK is looked for. */
const ANSWER_WITHIN = 5000

const ALLOWED: Decision = { verdict: 'allow', why: 'it went through' }
const denied = (why: string): Decision => ({ verdict: 'deny', why })

export class RecordedQuestions {
  readonly #parts: Parts
  /** By slot: what a connection is known as, as long as its facts are the same. */
  readonly #subjects = new Map<number, { readonly facts: Connection['facts']; readonly who: Subject }>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Empty for a row that is gone, that is no packet, or that never came as far as to the access list. */
  of(no: number): readonly RecordedQuestion[] {
    const { columns, connections, dictionaries, notes } = this.#parts
    if (!columns.has(no)) return []
    const { chunk, from: i } = columns.run(no)
    const type = chunk.type[i] as number
    if (!asked.has(type)) return []
    const verdict = VERDICTS[chunk.verdict[i] as number]
    const stop = verdict === 'refused' || verdict === 'dropped' ? notes.of(no) : []
    const direction = chunk.direction[i] === Way.in ? 'in' : 'out'
    const connection = connections.at(chunk.connection[i] as number)
    const { level } = connection
    // Most rows by far: no bytes are read where the columns say all of it.
    const plain = type === PUBLISH && (direction === 'out' || level < 5)
    const packet = plain ? publishOf(chunk.flags[i] as number) : this.#decode(no, level)
    if (packet === undefined) return []
    const topic = dictionaries.topics.text(chunk.topic[i] as number)
    const questions = packetQuestions(packet, direction, topic, this.#subject(connection))
    if (questions.length === 0) return []
    if (packet.type === 'SUBSCRIBE') return this.#subscribe(no, questions, packet.packetId, connection)
    return answered(questions, stop)
  }

  #subject({ slot, facts }: Connection): Subject {
    const known = this.#subjects.get(slot)
    if (known?.facts === facts) return known.who
    const who = connectionSubject(facts)
    this.#subjects.set(slot, { facts, who })
    return who
  }

  #decode(no: number, level: ProtocolLevel): Packet | undefined {
    try {
      return decodePacket(bytesOf(this.#parts, no), level)
    } catch (error) {
      if (error instanceof MqttError) return undefined
      throw error
    }
  }

  /** Each filter has its own answer, in the SUBACK. */
  #subscribe(
    no: number,
    questions: readonly PacketQuestion[],
    packetId: number,
    connection: Connection,
  ): readonly RecordedQuestion[] {
    const codes = this.#suback(no, packetId, connection)
    return questions.flatMap((question, i): RecordedQuestion[] => {
      const code = codes?.[i]
      if (code === undefined) return [{ question, recorded: undefined }]
      if (code < FIRST_ERROR) return [{ question, recorded: ALLOWED }]
      // 3.x has one code for every failure; what the bench refuses besides are shared subscriptions.
      const refused =
        code === NOT_AUTHORIZED || (connection.level < 5 && !question.topic.startsWith('$share/'))
      const recorded = denied(`it was refused with 0x${code.toString(16)}`)
      return refused ? [{ question, recorded }] : []
    })
  }

  #suback(no: number, packetId: number, { slot, level }: Connection): readonly number[] | undefined {
    const { columns } = this.#parts
    const end = Math.min(columns.end, no + ANSWER_WITHIN)
    for (let at = no + 1; at < end;) {
      const { chunk, from, to } = columns.run(at)
      const last = Math.min(to, from + end - at)
      for (let i = from; i < last; i++, at++) {
        if (chunk.connection[i] !== slot || chunk.type[i] !== SUBACK || chunk.packetId[i] !== packetId)
          continue
        const answer = this.#decode(at, level)
        return answer?.type === 'SUBACK' ? answer.reasonCodes : undefined
      }
    }
    return undefined
  }
}

const NOTHING = new Uint8Array(0)

/** A PUBLISH as far as the low bits of its first byte tell (MQTT 5.0, 3.3.1). */
const publishOf = (flags: number): PacketOf<'PUBLISH'> => ({
  type: 'PUBLISH',
  dup: (flags & 8) !== 0,
  qos: ((flags >> 1) & 3) as QoS,
  retain: (flags & 1) !== 0,
  topic: '',
  properties: [],
  payload: NOTHING,
})

/** How a CONNECT or PUBLISH was answered, as the bench's remarks tell. */
function answered(
  questions: readonly PacketQuestion[],
  stop: readonly PacketNote[],
): readonly RecordedQuestion[] {
  const note = stop.find(({ kind }) => kind === 'refused' || kind === 'dropped')
  if (note === undefined) return questions.map((question) => ({ question, recorded: ALLOWED }))
  // Another rule was first: the access list was never asked.
  if (note.rule !== 'access') return []
  return questions.flatMap((question): RecordedQuestion[] => {
    const { what } = question
    const recorded = denied(note.text)
    if (what === 'will') return note.text.startsWith(WILL_REFUSED) ? [{ question, recorded }] : []
    if (!note.text.startsWith(REPLY_REFUSED)) return what === 'publish' ? [{ question, recorded }] : []
    return [{ question, recorded: what === 'reply' ? recorded : ALLOWED }]
  })
}
