/** The part of the contract about topics: what went over each in a capture, as a tree. */
import * as v from 'valibot'
import { topicSorts } from '../topics/lines.ts'
import { command } from './command.ts'

const capture = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/))
/** MQTT allows no longer one. */
const topic = v.pipe(v.string(), v.maxLength(65_535))
const pointer = v.pipe(v.string(), v.maxLength(4096))

/** Lines that a person opened or closed by hand. */
export const MAX_EXCEPT = 2000
/** Messages of a topic in one answer. */
export const MAX_MESSAGES = 500
/** Messages of a topic that a chart is made of. */
export const MAX_SERIES = 2000

/** Params of the view `topics`; see `TopicLook` in shared/topics/lines.ts. */
export const topicParams = v.strictObject({
  capture,
  text: v.pipe(v.string(), v.maxLength(2000)),
  levels: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100)),
  except: v.pipe(v.array(topic), v.maxLength(MAX_EXCEPT)),
  sort: v.picklist(topicSorts),
  retainedOnly: v.boolean(),
  /** Only packets before this number: the tree stands still. 0: everything, as it comes. */
  before: v.pipe(v.number(), v.integer(), v.minValue(0)),
})

export const topicCommands = {
  /** The newest messages of a topic: what clients published or, where nobody did, what was delivered. */
  'topics.messages': command<TopicMessages>()(
    v.strictObject({
      capture,
      topic,
      messages: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_MESSAGES)),
    }),
  ),
  /** The numbers that came over a topic, of its newest messages. */
  'topics.series': command<TopicSeries>()(
    v.strictObject({
      capture,
      topic,
      /** JSON Pointer (RFC 6901) into the payload; empty for the whole payload. Absent: the first that has numbers. */
      pointer: v.optional(pointer),
      messages: v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(MAX_SERIES)),
    }),
  ),
} as const

/** A message of a topic. */
export interface TopicValue {
  /** Its packet. */
  readonly no: number
  /** Who sent it: device label of the connection; `broker` where only its delivery was seen. */
  readonly from: string
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  /** Bytes of the payload. */
  readonly length: number
  /** Title of the Record; empty where there is none. */
  readonly usp: string
  /** The payload in a line; cut when it is long. */
  readonly info: string
}

export interface TopicMessage extends TopicValue {
  /** Milliseconds since 1970. */
  readonly at: number
}
export interface TopicMessages {
  /** Newest first. */
  readonly messages: readonly TopicMessage[]
  /** The capture holds more. */
  readonly older: boolean
}

export interface TopicRow {
  /** Unique among the rows; `locate` takes the path of a topic. */
  readonly key: string
  readonly path: string
  /** The last level. */
  readonly name: string
  readonly depth: number
  /** `folded`: stands for `folded` topics below `path` that are no longer told apart. */
  readonly kind: 'topic' | 'folded'
  /** Absent where there is nothing below. */
  readonly open?: boolean
  /** A packet had this very topic; otherwise it is only what topics below have in common. */
  readonly isTopic: boolean
  // Here and below.
  readonly topics: number
  readonly published: number
  readonly delivered: number
  readonly refused: number
  /** Of the packets. */
  readonly bytes: number
  /** Messages a second, now. */
  readonly rate: number
  readonly retained: number
  readonly folded: number
  /** Milliseconds since 1970 of the last packet; absent before one. */
  readonly at?: number
  /** Of the topic itself; absent where its packet is no longer in the capture. */
  readonly value?: TopicValue
  /** The broker keeps a message of this topic. */
  readonly isRetained: boolean
}

export interface TopicSeries {
  /** Where the newest message has numbers. */
  readonly pointers: readonly string[]
  readonly pointer: string
  /** Milliseconds since 1970 and values, oldest first. */
  readonly time: readonly number[]
  readonly value: readonly number[]
  /** Messages looked at, and older ones that were not. */
  readonly looked: number
  readonly older: boolean
}
