/** Topics, devices and user properties of a capture for completion, asked for as they are needed and kept for a while. */
import { useCallback, useRef, useState } from 'react'
import type { Request } from '../../shared/contract/contract.ts'
import type { CaptureId } from '../../shared/contract/model.ts'
import { useModel } from '../app/model.ts'

type AskedField = Request<'packets.values'>['field']

/** Fields of the filter language whose values the capture can list, by the list they are in. */
const askedFields: Readonly<Record<string, AskedField>> = {
  'mqtt.topic': 'mqtt.topic',
  'mqtt.prop.response_topic': 'mqtt.topic',
  device: 'device',
  'usp.from_id': 'device',
  'usp.to_id': 'device',
  'connection.endpoint': 'device',
  'mqtt.clientid': 'mqtt.clientid',
  'connection.clientid': 'mqtt.clientid',
}

export interface Question {
  readonly key: string
  readonly field: AskedField
  readonly prefix: string
}
/** Values by the key of the question. */
export type Answers = ReadonlyMap<string, readonly string[]>

/** Fields with named entries whose names the capture can list. */
const askedKeys: Readonly<Record<string, AskedField>> = { 'mqtt.prop.user': 'mqtt.prop.user' }

/** Longer beginnings are left to the answers for shorter ones. */
const MAX_PREFIX = 500

/** What to ask the capture for values of a field that begin so; undefined for fields it cannot list. */
export const questionFor = (name: string, typed: string) => question(askedFields[name], typed)

/** The same for the names of a field's entries. */
export const keyQuestionFor = (name: string, typed: string) => question(askedKeys[name], typed)

function question(field: AskedField | undefined, typed: string): Question | undefined {
  const prefix = typed.slice(0, MAX_PREFIX)
  return field && { key: `${field} ${prefix}`, field, prefix }
}

const MAX_KEPT = 100
/** Milliseconds after which an answer may be out of date: new topics come. */
const STALE = 5000

/** The answers so far, and how to ask: again only when the answer is old. */
export function useKnownValues(capture: CaptureId): { answers: Answers; ask: (question: Question) => void } {
  const { host } = useModel()
  const [answers, setAnswers] = useState<Answers>(new Map())
  const askedAt = useRef(new Map<string, number>())
  const ask = useCallback(
    ({ key, field, prefix }: Question) => {
      const now = Date.now()
      if (now - (askedAt.current.get(key) ?? -STALE) < STALE) return
      askedAt.current.set(key, now)
      void host.call('packets.values', { capture, field, prefix }).then((answer) => {
        if (!answer.ok) return
        setAnswers((old) => {
          const kept = [...old].filter(([other]) => other !== key).slice(-(MAX_KEPT - 1))
          askedAt.current = new Map([...askedAt.current].slice(-MAX_KEPT))
          return new Map([...kept, [key, answer.value]])
        })
      })
    },
    [host, capture],
  )
  return { answers, ask }
}
