/** Sending one message to many devices, a few at a time. */
import type { Host } from '../../../shared/contract/host.ts'
import type { BenchError } from '../../../shared/contract/result.ts'
import type { RequestReport } from '../../../shared/contract/usp.ts'
import { fill, type Draft } from '../../../shared/usp/forms/draft.ts'
import type { Variables } from '../../../shared/usp/forms/variables.ts'
import { JsonFault } from '../../../shared/usp/json-check.ts'

/** What became of the message at one device. */
export interface Delivery {
  readonly endpointId: string
  readonly state: 'waiting' | 'asking' | 'done'
  readonly report?: RequestReport
  /** It was not even sent. */
  readonly error?: BenchError
  /** What this device answered to such a request before. */
  readonly before?: RequestReport
}

export interface Wish {
  readonly draft: Draft
  readonly variables: Variables
  readonly endpointIds: readonly string[]
  readonly timeoutMs: number
}

/** Requests under way at a time; more would only wait in the broker. */
export const AT_ONCE = 8

export interface Run {
  /** All are done, or were stopped. */
  readonly ended: Promise<void>
  readonly stop: () => void
}

let lastCall = 0

/** Tells each delivery as it changes. */
export function sendToAll(host: Host, wish: Wish, onDelivery: (delivery: Delivery) => void): Run {
  const queue = [...wish.endpointIds]
  const calls = new Set<string>()
  let stopped = false
  const one = async (endpointId: string): Promise<void> => {
    onDelivery({ endpointId, state: 'asking' })
    const call = `message-${Date.now()}-${++lastCall}`
    calls.add(call)
    onDelivery({ endpointId, state: 'done', ...(await ask(host, wish, endpointId, call)) })
    calls.delete(call)
  }
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (stopped) {
        onDelivery({
          endpointId: next,
          state: 'done',
          error: { code: 'cancelled', message: 'It was stopped before it was sent to this device.' },
        })
      } else await one(next)
    }
  }
  const workers = Array.from({ length: Math.min(AT_ONCE, queue.length) }, work)
  return {
    ended: Promise.all(workers).then(() => undefined),
    stop() {
      stopped = true
      for (const call of calls) void host.call('usp.cancel', { call })
    },
  }
}

async function ask(
  host: Host,
  { draft, variables, timeoutMs }: Wish,
  endpointId: string,
  call: string,
): Promise<Pick<Delivery, 'report' | 'error'>> {
  try {
    const { message } = fill(draft, variables, endpointId)
    const answer = await host.call('usp.request', { endpointId, message, timeoutMs, call })
    return answer.ok ? { report: answer.value } : { error: answer.error }
  } catch (error) {
    if (error instanceof JsonFault) return { error: { code: 'invalid-request', message: error.message } }
    throw error
  }
}

/** `ok`: everything asked for was done; `part`: answered, but with failures. */
export type Verdict = 'waiting' | 'ok' | 'part' | 'bad'

export function verdictOf({ state, report, error }: Delivery): Verdict {
  if (state !== 'done') return 'waiting'
  if (error || !report) return 'bad'
  if (report.outcome === 'sent') return 'ok'
  if (report.outcome !== 'answered') return 'bad'
  return report.failures.length > 0 ? 'part' : 'ok'
}
