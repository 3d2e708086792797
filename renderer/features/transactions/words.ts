/** What is said of a transaction. Pure. */
import type { TransactionRow } from '../../../shared/contract/transactions.ts'
import { TRANSACTION_TIMEOUT_MS } from '../../../shared/contract/transactions.ts'
import { describeErrorCode } from '../../../shared/usp/error-codes.ts'
import type { TransactionOutcome } from '../../../shared/usp/transactions.ts'
import type { Tone } from '../../ui/kit.tsx'

export const outcomeWords: Readonly<Record<TransactionOutcome, string>> = {
  waiting: 'waiting',
  answered: 'answered',
  error: 'error',
  late: 'late',
  silent: 'no answer due',
  timeout: `no answer in ${TRANSACTION_TIMEOUT_MS / 1000} s`,
  unanswered: 'no answer in the capture',
  orphan: 'answers no request seen',
}

const tones: Readonly<Record<TransactionOutcome, Tone>> = {
  waiting: 'off',
  answered: 'ok',
  error: 'bad',
  late: 'warn',
  silent: 'off',
  timeout: 'bad',
  unanswered: 'warn',
  orphan: 'warn',
}

type Ended = Pick<TransactionRow, 'outcome' | 'errorCode' | 'verdict'>

export function outcomeText({ outcome, errorCode, verdict }: Ended): string {
  const refused = verdict === 'refused' || verdict === 'dropped' ? `${verdict} by the bench` : ''
  const code = errorCode === undefined ? '' : describeErrorCode(errorCode)
  // A code alone stands in a response, which says of its parts how they went.
  const word = outcome === 'answered' && code !== '' ? '' : outcomeWords[outcome]
  return [refused, outcome === 'error' ? `Error ${code}` : [word, code].filter(Boolean).join(' · ')]
    .filter(Boolean)
    .join(' · ')
}

export const outcomeTone = ({ outcome, errorCode, verdict }: Ended): Tone =>
  verdict === 'refused' ? 'bad' : outcome === 'answered' && errorCode !== undefined ? 'warn' : tones[outcome]

/** How it is linked with others, in few words. */
export function remarksOf({ repeats, duplicates, retryOf, completes, completedBy }: TransactionRow): string {
  return [
    repeats.length > 0 && `asked ${repeats.length + 1}×`,
    duplicates.length > 0 && `answered ${duplicates.length + 1}×`,
    retryOf !== undefined && `retry of #${retryOf}`,
    completes !== undefined && `ends #${completes}`,
    completedBy.length > 0 && `ended by ${completedBy.map((id) => `#${id}`).join(' ')}`,
  ]
    .filter(Boolean)
    .join(', ')
}

/** Every packet of it, in order. */
export function packetsOf({ request, answer, repeats, duplicates }: TransactionRow): number[] {
  const seen = [request, answer].flatMap((one) => [one?.no, one?.passedOn])
  const all = [...seen, ...repeats, ...duplicates].filter((no) => no !== undefined)
  return [...new Set(all)].sort((a, b) => a - b)
}
