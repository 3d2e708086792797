/** A message as a person writes it, and as what is sent. Pure. */
import type { PayloadDraft, PublishDraft } from '../contract/mqtt-client.ts'
import type { Properties, QoS } from '../mqtt/packets.ts'
import { isTopicName } from '../mqtt/topics.ts'
import { fillText, variablesIn, type Variables } from '../usp/forms/variables.ts'
import { at, DraftFault } from './draft-fault.ts'
import { encodePayload } from './payload.ts'
import { readProperties, type Fill } from './property-draft.ts'

/** A message with its values. */
export interface Outgoing {
  /** Empty where a Topic Alias stands for it. */
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: QoS
  readonly retain: boolean
  readonly properties: Properties
}

/** Variables that every message has, and what they stand for. */
export const ownVariables = [
  ['n', 'is the number of the message, from 1'],
  ['time', 'the time (ISO 8601)'],
  ['ms', 'the time in milliseconds since 1970'],
  ['random', 'a number from 0 to 999,999'],
  ['id', 'a name that is used once'],
] as const

const RANDOM_NUMBERS = 1_000_000

export interface Occasion {
  readonly n: number
  /** Milliseconds since 1970. */
  readonly time: number
  /** Another one at each call. */
  readonly newId: () => string
  /** From 0, below 1. */
  readonly random: number
}

/** Throws a DraftFault. */
export function readPublish(draft: PublishDraft, values: Variables, occasion: Occasion): Outgoing {
  const { n, time, newId, random } = occasion
  const id = newId()
  const own: Record<(typeof ownVariables)[number][0], string> = {
    n: String(n),
    time: new Date(time).toISOString(),
    ms: String(time),
    random: String(Math.floor(random * RANDOM_NUMBERS)),
    id,
  }
  const fill: Fill = (text) => fillText(text, { ...own, ...values })
  const topic = at('topic', () => fill(draft.topic))
  const properties = readProperties(draft.properties, fill)
  const aliased = topic === '' && properties.some(({ name }) => name === 'topicAlias')
  const validity = isTopicName(topic)
  if (!validity.valid && !aliased) throw new DraftFault('topic', `The topic ${validity.reason}.`)
  const payload = encodePayload(draft.payload, { fill, newId: () => id })
  return { topic, payload, qos: draft.qos, retain: draft.retain, properties }
}

/** Variables that a message uses and that are not there by themselves, each once. */
export function variablesOf({ topic, payload, properties }: PublishDraft): string[] {
  const texts = [
    topic,
    payload.text,
    ...recordIds(payload),
    ...properties.flatMap(({ key = '', value }) => [key, value]),
  ]
  const own: readonly string[] = ownVariables.map(([name]) => name)
  return variablesIn(texts.join('\n')).filter((name) => !own.includes(name))
}

const recordIds = ({ form, toId = '', fromId = '' }: PayloadDraft): string[] =>
  form === 'usp' ? [toId, fromId] : []

export const emptyPublish: PublishDraft = {
  topic: '',
  payload: { form: 'text', text: '' },
  qos: 0,
  retain: false,
  properties: [],
}
