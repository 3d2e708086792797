/**
 * Which packet answers which, found as packets come: MQTT's acknowledgements (MQTT 5.0, sections 3.1 to 3.13 and
 * 4.3), and USP responses by their msg_id (TR-369, `Header.msg_id`). An answer comes on the connection of its
 * request, the other way round.
 */
import { Latest } from '../../../shared/collections/latest.ts'
import type { Columns, Entry } from './columns.ts'
import type { Dictionary } from './dictionary.ts'

const PUBLISH = 3
/** MQTT packet type → the type that answers it; PUBLISH by its QoS. */
const byType: readonly (readonly [type: number, answer: number])[] = [
  [1, 2],
  [5, 6],
  [6, 7],
  [8, 9],
  [10, 11],
  [12, 13],
]
const byQos: readonly (readonly [qos: number, answer: number])[] = [
  [1, 4],
  [2, 5],
]
/** MQTT packet types and what else a row may be (`RowType`). */
const ROW_TYPES = 18
/** First byte of a packet → type of what answers it, 0 for nothing; and by type whether it is an answer. */
const answers = new Uint8Array(ROW_TYPES * 16)
const isAnswer = new Uint8Array(ROW_TYPES)
for (const [type, answer] of byType) answers.fill(answer, type << 4, (type + 1) << 4)
for (let flags = 0; flags < 16; flags++) {
  for (const [qos, answer] of byQos) if (((flags >> 1) & 3) === qos) answers[(PUBLISH << 4) | flags] = answer
}
for (const [, answer] of [...byType, ...byQos]) isAnswer[answer] = 1

/** By what the list says of a Msg: `GET_RESP`, `ERROR 7004`, and no word of an event. */
const isResponse = (usp: string): boolean =>
  usp.startsWith('ERROR') || (usp.endsWith('_RESP') && !usp.includes(' '))

type Message = Pick<Entry, 'connection' | 'direction' | 'msgId' | 'usp'>

export class Pairs {
  readonly #columns: Columns
  readonly #usps: Dictionary
  /** What `isResponse` said of a text, by its id: 1 no, 2 yes. */
  readonly #said = new Uint8Array(256)
  /** Rows by what would answer them; of two that wait for the same, the later one has it. Old ones are forgotten. */
  readonly #acks = new Latest()
  readonly #responses = new Latest()

  constructor(columns: Columns, usps: Dictionary) {
    this.#columns = columns
    this.#usps = usps
  }

  /** How many rows before row `no`, which is about to be appended, its request lies; 0 when it answers none. */
  distance(no: number, entry: Entry): number {
    const request = entry.msgId === 0 ? 0 : this.#response(no, entry)
    const acknowledged = this.#acknowledged(no, entry)
    const found = request || acknowledged
    // A row that was dropped may have given its connection and msg_id to others.
    return found !== 0 && this.#columns.has(found) ? no - found : 0
  }

  /** The same for a row in the index that only now turned out to be a whole Msg. */
  completed(no: number): number {
    const cell = (column: keyof Message) => this.#columns.get(no, column)
    const message = {
      connection: cell('connection'),
      direction: cell('direction'),
      msgId: cell('msgId'),
      usp: cell('usp'),
    }
    const found = this.#response(no, message)
    return found !== 0 && this.#columns.has(found) ? no - found : 0
  }

  /** This id of a text has another meaning now. */
  forget(usp: number): void {
    if (usp < this.#said.length) this.#said[usp] = 0
  }

  #isResponse(usp: number): boolean {
    if (usp >= this.#said.length) return isResponse(this.#usps.text(usp))
    return (this.#said[usp] ||= isResponse(this.#usps.text(usp)) ? 2 : 1) === 2
  }

  #response(no: number, { connection, direction, msgId, usp }: Message): number {
    if (this.#isResponse(usp)) return this.#responses.take(responseKey(connection, 1 - direction, msgId))
    this.#responses.set(responseKey(connection, direction, msgId), no)
    return 0
  }

  #acknowledged(no: number, { connection, direction, type, flags, packetId }: Entry): number {
    const asked = ackKey(connection, 1 - direction, type, packetId)
    const request = isAnswer[type] === 1 ? this.#acks.take(asked) : 0
    const answer = answers[(type << 4) | flags] as number
    if (answer !== 0) this.#acks.set(ackKey(connection, direction, answer, packetId), no)
    return request
  }
}

/** What waits for a response with this msg_id, from the other way. */
const responseKey = (connection: number, way: number, msgId: number): number =>
  (connection * 2 + way) * 2 ** 32 + msgId

const ackKey = (connection: number, way: number, answer: number, packetId: number): number =>
  ((connection * 2 + way) * 16 + answer) * 65_536 + packetId

/** The row that row `no` answers; -1 when there is none any more. */
export function requestOf(columns: Columns, no: number): number {
  const request = no - columns.get(no, 'answers')
  return request !== no && columns.has(request) ? request : -1
}

/**
 * The row that answers row `no`: of a USP request its response rather than the acknowledgement of its PUBLISH;
 * -1 when there is none. Looks through one column: some
 * milliseconds for a million rows.
 */
export function answerTo(columns: Columns, no: number): number {
  const isUsp = columns.get(no, 'msgId') !== 0
  let acknowledgement = -1
  for (let at = no + 1; at < columns.end;) {
    const run = columns.run(at)
    const { answers, type } = run.chunk
    for (let i = run.from; i < run.to; i++, at++) {
      if (answers[i] !== at - no) continue
      if (!isUsp || type[i] === PUBLISH) return at
      acknowledgement = at
    }
  }
  return acknowledgement
}
