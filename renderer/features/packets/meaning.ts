/** What a packet means at a glance, for colours. Pure. */
import type { PacketRow, Verdict } from '../../../shared/contract/model.ts'

/** Colour by meaning: sessions, messages, subscriptions, acknowledgements, ends. */
const meaning: Readonly<Record<string, string>> = {
  CONNECT: 'connect',
  AUTH: 'connect',
  CONNACK: 'connect',
  PUBLISH: 'publish',
  SUBSCRIBE: 'subscribe',
  UNSUBSCRIBE: 'subscribe',
  DISCONNECT: 'end',
  'TCP CLOSE': 'end',
  MALFORMED: 'end',
}

/** Class that colours a packet by its meaning, wherever it is shown. */
export const typeClass = (row: { readonly type: string; readonly verdict?: Verdict }): string =>
  row.verdict === 'refused' ? 'end' : (meaning[row.type] ?? 'ack')

/** Turned away or broken. */
export const isTrouble = (row: PacketRow): boolean =>
  row.verdict === 'refused' || row.verdict === 'dropped' || row.kind === 'malformed'
