/** Requests of which only the response is of use: everything else is the error that a command answers with. */
import type { RequestReport } from '../../../shared/contract/usp.ts'
import { BenchFailure, type ErrorCode } from '../../../shared/contract/result.ts'
import type { Msg } from '../../../shared/usp/codec.ts'
import type { Asked } from './controller.ts'

export interface Answered {
  readonly msg: Msg
  readonly report: RequestReport
}

const codes: Partial<Record<RequestReport['outcome'], ErrorCode>> = {
  offline: 'unavailable',
  unreachable: 'unavailable',
  disconnected: 'unavailable',
  timeout: 'unavailable',
  cancelled: 'cancelled',
}

export const failureCode = ({ outcome }: RequestReport): ErrorCode => codes[outcome] ?? 'failed'

/** The response, or a BenchFailure that says why there is none. */
export function answered({ report, msg }: Asked): Answered {
  if (msg) return { msg, report }
  const first = report.failures[0]
  const detail = first === undefined ? '' : ` ${first.path}: ${first.code} ${first.text || first.name}.`
  throw new BenchFailure(failureCode(report), `${report.text}${detail}`)
}
