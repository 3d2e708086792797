/**
 * Why a device may not have answered a request: the agent drops what it cannot use without a word, so the request
 * itself has to be looked at. Pure; for the doctor, and for views that show what is not answered.
 */

export interface RequestFacts {
  /** Of the device. */
  readonly endpointId: string
  readonly level: 3 | 4 | 5
  readonly topic: string
  /** Response Topic, or what follows `/reply-to=`. */
  readonly replyTo: string | undefined
  /** Undefined: the payload is no Record. */
  readonly record: { readonly toId: string; readonly fromId: string } | undefined
  /** The device holds a subscription that takes the topic in. */
  readonly subscribed: boolean
  /** The controller that the device spoke to, where it did. */
  readonly controllerId?: string
}

interface Reason {
  readonly when: (facts: RequestFacts) => boolean
  readonly text: (facts: RequestFacts) => string
}

const reasons: readonly Reason[] = [
  {
    when: ({ subscribed }) => !subscribed,
    text: ({ topic }) => `It has not subscribed ${topic}, so it never got it.`,
  },
  {
    when: ({ record }) => record === undefined,
    text: () => 'The payload is no USP Record, and an agent drops what it cannot decode.',
  },
  {
    when: ({ record, endpointId }) => record !== undefined && record.toId !== endpointId,
    text: ({ record, endpointId }) =>
      `Its to_id is ${record?.toId || 'empty'}, but the device is ${endpointId}: it drops what is for another.`,
  },
  {
    when: ({ record, controllerId }) =>
      record !== undefined && controllerId !== undefined && record.fromId !== controllerId,
    text: ({ record, controllerId }) =>
      `Its from_id is ${record?.fromId || 'empty'}, but the device knows the controller ${controllerId}: it drops what comes from others.`,
  },
  {
    when: ({ level, replyTo }) => level < 5 && replyTo === undefined,
    text: () =>
      'It came without /reply-to= in its topic: an MQTT 3.1.1 agent then answers on its configured controller topic (R-MQTT.24).',
  },
  {
    when: ({ level, replyTo }) => level === 5 && replyTo === undefined,
    text: () =>
      'It came without a Response Topic: the agent then answers on its configured controller topic (R-MQTT.23).',
  },
]

const PLAIN =
  'Nothing in the request says why: the agent may be busy, or not trust this controller; its own log tells.'

/** Sentences, the likeliest first; never empty. */
export function silence(facts: RequestFacts): readonly string[] {
  const found = reasons.filter(({ when }) => when(facts)).map(({ text }) => text(facts))
  return found.length > 0 ? found : [PLAIN]
}
