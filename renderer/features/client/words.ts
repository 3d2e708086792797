/** What is said of connections and their packets. Pure. */
import type {
  ClientConnection,
  ClientPacketRow,
  ConnectionPhase,
} from '../../../shared/contract/mqtt-client.ts'
import type { RuleColour } from '../../../shared/contract/look.ts'
import { quote } from '../../../shared/filter/lexer.ts'
import { parseShared } from '../../../shared/mqtt/topics.ts'
import type { Tone } from '../../ui/kit.tsx'
import { latencyText, span } from '../../ui/format.ts'

const phases: Readonly<Record<ConnectionPhase, readonly [word: string, tone: Tone]>> = {
  off: ['not connected', 'off'],
  connecting: ['connecting', 'warn'],
  connected: ['connected', 'ok'],
  waiting: ['lost', 'warn'],
}

export function stateOf(connection: ClientConnection | undefined): readonly [word: string, tone: Tone] {
  if (connection?.phase === 'off' && connection.failed === true) return ['failed', 'bad']
  return phases[connection?.phase ?? 'off']
}

/** When a lost connection is made anew. */
export const retryText = ({ retry }: ClientConnection, now: number): string =>
  retry === undefined
    ? ''
    : `, attempt ${retry.attempt} in ${span(Math.max(0, Math.ceil((retry.at - now) / 1000)))}`

export const filterOfTopic = (topic: string): string => `mqtt.topic == ${quote(topic)}`

/** What falls under a subscription, shared or not. */
export const filterOfSubscription = (filter: string): string =>
  `mqtt.topic ~ ${quote(parseShared(filter)?.filter ?? filter)}`

/** Colours that are read, not grounds to read on. */
export const markColours: Readonly<Record<RuleColour, string>> = {
  grey: 'var(--dim)',
  red: 'var(--bad)',
  amber: 'var(--warn)',
  green: 'var(--ok)',
  blue: 'var(--publish)',
  purple: 'var(--connect)',
}

/** What became of a packet: acknowledgement, answer, what it answers. */
export function outcomeText({ outcome, request, answers }: ClientPacketRow): string {
  const acknowledged = outcome && [outcome.text, outcome.ms !== undefined && latencyText(outcome.ms)]
  const asked = request && requestText(request)
  const answered = answers && `${answerWords[answers.kind]} #${answers.no} · ${latencyText(answers.ms)}`
  return [asked, answered, acknowledged?.filter(Boolean).join(' ')].filter(Boolean).join(' · ')
}

const answerWords = { answered: 'answers', late: 'late answer to', duplicate: 'again answers' } as const

function requestText({ state, answers, ms }: NonNullable<ClientPacketRow['request']>): string {
  const more = answers.length > 1 ? ` · ${answers.length} answers` : ''
  const time = ms === undefined ? '' : ` in ${latencyText(ms)}`
  const words = { waiting: 'waits for an answer', timeout: 'no answer in time', lost: 'not sent' }
  if (state === 'answered') return `answered${time}${more}`
  return state === 'late' ? `answered late${time}${more}` : words[state]
}

export function outcomeTone({ outcome, request, answers, bad }: ClientPacketRow): Tone {
  if (bad || outcome?.bad === true || request?.state === 'timeout' || request?.state === 'lost') return 'bad'
  if (request?.state === 'late' || (answers && answers.kind !== 'answered')) return 'warn'
  return request?.state === 'waiting' ? 'off' : 'ok'
}
