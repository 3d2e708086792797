/** What a bench says that holds no session and makes no fault. */
import type { EngineHandlers } from '../../shared/contract/contract.ts'
import { BenchFailure } from '../../shared/contract/result.ts'

const none = (): never => {
  throw new BenchFailure('not-found', 'There is no session in this test.')
}

export const sessionHandlers = {
  'sessions.get': none,
  'sessions.end': none,
  'sessions.expire': none,
  'sessions.dropQueue': none,
  'retained.get': none,
  'retained.clear': () => ({ messages: 0, bytes: 0 }),
  'retained.restore': none,
} satisfies Partial<EngineHandlers>

export const faultHandlers = (record: (name: string) => (request?: unknown) => void) =>
  ({
    'faults.add': () => ({ id: '1' }),
    'faults.change': record('faults.change'),
    'faults.switch': record('faults.switch'),
    'faults.stop': record('faults.stop'),
    'faults.remove': record('faults.remove'),
  }) satisfies Partial<EngineHandlers>
