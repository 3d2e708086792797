/** What the end of a connection, a subscription or a publish means. */
import type { Cause } from '../../../shared/client/effects.ts'
import type { ExchangeEnd } from '../../../shared/client/exchanges.ts'
import type { LiveSubscription } from '../../../shared/contract/mqtt-client.ts'
import { hexByte, reasonName } from '../../../shared/mqtt/reason-codes.ts'

const FIRST_FAILURE = 0x80
const SESSION_TAKEN_OVER = 0x8e
/** Server unavailable and busy, Quota exceeded, Connection rate exceeded; of 3.1.1, Server unavailable. */
const PASSING = [0x03, 0x88, 0x89, 0x97, 0x9f]

/** Not where the same would happen again, or two clients would drive each other out. */
export function mayComeBack(cause: Cause): boolean {
  if (cause.kind === 'ended') return cause.packet.reasonCode !== SESSION_TAKEN_OVER
  return cause.kind === 'silent' || (cause.kind === 'refused' && PASSING.includes(cause.packet.reasonCode))
}

/** How the broker took a subscription. */
export function subscribed(filter: string, end: ExchangeEnd, level: 4 | 5): LiveSubscription {
  if (end.kind === 'lost') return { filter, state: 'refused', text: end.text }
  const [code = FIRST_FAILURE] = 'reasonCodes' in end.packet ? end.packet.reasonCodes : []
  const text = `${reasonName('SUBACK', code, level)} (${hexByte(code)})`
  return { filter, state: code < FIRST_FAILURE ? 'granted' : 'refused', text }
}

/** What became of a PUBLISH. */
export function outcomeOf(end: ExchangeEnd, level: 4 | 5) {
  if (end.kind === 'lost') return { text: end.text, bad: true }
  const { packet, ms } = end
  const code = 'reasonCode' in packet ? packet.reasonCode : 0
  const name = level === 5 ? ` ${reasonName(packet.type, code, level)}` : ''
  return { text: `${packet.type}${name}`, bad: code >= FIRST_FAILURE, ms }
}
