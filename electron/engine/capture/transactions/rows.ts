/** From a transaction to a line of the list. Made on demand, for what is on a screen. */
import type { SeenPacket, TransactionRow } from '../../../../shared/contract/transactions.ts'
import { VERDICTS } from '../../../../shared/filter/columns.ts'
import { summarizeRecord } from '../../../../shared/usp/summary.ts'
import { instantAt } from '../clock.ts'
import { emptyHead, scanPublish } from '../publish-head.ts'
import { bytesOf, type Parts } from '../rows.ts'
import { isLast } from '../sessions.ts'
import type { TransactionTable } from './table.ts'

/** RangeError when the transaction is not held. */
export function transactionRow(parts: Parts, table: TransactionTable, id: number): TransactionRow {
  const { columns, dictionaries, epoch } = parts
  const request = packet(parts, table.get(id, 'request'), table.get(id, 'requestOn'))
  const answer = packet(parts, table.get(id, 'answer'), table.get(id, 'answerOn'))
  const told = request?.no ?? answer?.no ?? 0
  const asked = told !== 0 && columns.has(told)
  const errorCode = table.get(id, 'errorCode')
  const latencyMs = table.get(id, 'latency')
  const aside = table.aside(id)
  const held = (packets: readonly number[]) => packets.filter((no) => columns.has(no))
  return {
    id,
    ...instantAt(epoch, table.get(id, 'time')),
    ...table.parties(id),
    type: table.type(id),
    msgId: asked ? dictionaries.msgIds.text(columns.get(told, 'msgId')) : '',
    summary: asked ? summaryOf(parts, told) : '',
    outcome: table.outcome(id),
    ...(errorCode !== 0 && { errorCode }),
    ...(!Number.isNaN(latencyMs) && { latencyMs }),
    ...(request && { request }),
    ...(answer && { answer }),
    verdict: request && asked ? (VERDICTS[columns.get(told, 'verdict')] ?? 'none') : 'none',
    ...aside,
    repeats: held(aside.repeats),
    duplicates: held(aside.duplicates),
  }
}

/** Where it was seen, as far as the capture holds that. */
function packet({ columns }: Parts, no: number, passedOn: number): SeenPacket | undefined {
  if (!columns.has(no)) return columns.has(passedOn) ? { no: passedOn } : undefined
  return { no, ...(columns.has(passedOn) && { passedOn }) }
}

const head = emptyHead()

/** What the Msg in a packet asks or says. */
export function summaryOf(parts: Parts, no: number): string {
  const segment = parts.sessions.segment(no)
  if (segment && isLast(segment)) return segment.msg.info
  const bytes = bytesOf(parts, no)
  const { level } = parts.connections.at(parts.columns.get(no, 'connection'))
  if (!scanPublish(bytes, 0, bytes.length, level, head)) return ''
  const { usp, info } = summarizeRecord(bytes, head.payloadStart, bytes.length) ?? { usp: '', info: '' }
  const notified = usp.startsWith('NOTIFY ') ? usp.slice('NOTIFY '.length) : ''
  return [notified, info].filter(Boolean).join(' ')
}
