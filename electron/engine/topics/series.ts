/** The numbers that came over a topic, from the newest messages of a capture. */
import type { Request } from '../../../shared/contract/contract.ts'
import type { TopicSeries } from '../../../shared/contract/topics.ts'
import { numbersIn } from '../../../shared/topics/numbers.ts'
import type { Parts } from '../capture/rows.ts'
import { newestMessages } from './messages.ts'
import { payloadOf } from './payload.ts'

/** Larger payloads are not read: nobody draws one number of a document. */
const MAX_PAYLOAD = 64 * 1024

type Asked = Omit<Request<'topics.series'>, 'capture'>

export function seriesOf(parts: Parts, { topic, pointer, messages }: Asked): TopicSeries {
  const rows = newestMessages(parts, topic, messages + 1)
  const older = rows.length > messages
  const looked = rows.slice(0, messages)
  const pointers = numbersAt(parts, looked[0])
  const shown = pointer ?? pointers.keys().next().value ?? ''
  const time: number[] = []
  const value: number[] = []
  const { sec, nsec } = parts.epoch
  for (const no of looked.toReversed()) {
    const number = numbersAt(parts, no).get(shown)
    if (number === undefined) continue
    time.push(sec * 1000 + nsec / 1e6 + parts.columns.get(no, 'time') / 1e6)
    value.push(number)
  }
  return { pointers: [...pointers.keys()], pointer: shown, time, value, looked: looked.length, older }
}

function numbersAt(parts: Parts, no: number | undefined) {
  const payload = no === undefined ? undefined : payloadOf(parts, no)
  const readable = payload && payload.length <= MAX_PAYLOAD
  return numbersIn(readable ? Buffer.from(payload).toString() : '')
}
