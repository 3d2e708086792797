/** The messages of a topic in a capture. */
import type { Request } from '../../../shared/contract/contract.ts'
import type { TopicMessage, TopicMessages, TopicValue } from '../../../shared/contract/topics.ts'
import { VERDICTS } from '../../../shared/filter/columns.ts'
import { Way } from '../capture/columns.ts'
import { deviceLabel } from '../capture/connections.ts'
import type { Parts } from '../capture/rows.ts'
import { payloadLine, payloadOf } from './payload.ts'

const PUBLISH = 3
const changed = VERDICTS.indexOf('changed')
const NOTHING = new Uint8Array(0)

export function messagesOf(
  parts: Parts,
  { topic, messages }: Omit<Request<'topics.messages'>, 'capture'>,
): TopicMessages {
  const rows = newestMessages(parts, topic, messages + 1)
  const { sec, nsec } = parts.epoch
  const list = rows.slice(0, messages).map((no): TopicMessage => {
    const at = sec * 1000 + nsec / 1e6 + parts.columns.get(no, 'time') / 1e6
    return { ...valueAt(parts, topic, no), at }
  })
  return { messages: list, older: rows.length > messages }
}

/** What a PUBLISH brought. RangeError when it is not held. */
export function valueAt(parts: Parts, topic: string, no: number): TopicValue {
  const { columns, connections } = parts
  const { chunk, from: i } = columns.run(no)
  const flags = chunk.flags[i] as number
  const sender = deviceLabel(connections.at(chunk.connection[i] as number).facts)
  const payload = payloadOf(parts, no)
  return {
    no,
    from: chunk.direction[i] === Way.in ? sender : 'broker',
    qos: ((flags >> 1) & 3) as 0 | 1 | 2,
    retain: (flags & 1) === 1,
    length: payload?.length ?? 0,
    ...payloadLine(parts, topic, payload ?? NOTHING),
  }
}

/** Their rows, newest first: what clients published; where nobody did, what was delivered. */
export function newestMessages(
  { columns, dictionaries }: Parts,
  topic: string,
  most: number,
): readonly number[] {
  const published: number[] = []
  const delivered: number[] = []
  let no = columns.end - 1
  while (no >= columns.first && published.length < most) {
    const { chunk, from } = columns.run(no)
    // Down to the first row of the chunk, of which those before `first` are not held.
    for (let i = from; i >= 0 && no >= columns.first && published.length < most; i--, no--) {
      if (chunk.type[i] !== PUBLISH || !isTaken(chunk.verdict[i] as number)) continue
      if (dictionaries.topics.text(chunk.topic[i] as number) !== topic) continue
      if (chunk.direction[i] === Way.in) published.push(no)
      else if (delivered.length < most) delivered.push(no)
    }
  }
  return published.length > 0 ? published : delivered
}

/** Neither refused nor dropped. */
const isTaken = (verdict: number): boolean => verdict === 0 || verdict === changed
