/** Counters of end-to-end session contexts. */
import { rulesOn } from '../rule.ts'

const NONE = 0
const BEGIN = 1
const INPROCESS = 2
const COMPLETE = 3
const segmentNames = ['NONE', 'BEGIN', 'INPROCESS', 'COMPLETE']
/** Which segment may follow which. */
const follows: Readonly<Record<number, readonly number[]>> = {
  [NONE]: [NONE, BEGIN],
  [COMPLETE]: [NONE, BEGIN],
  [BEGIN]: [INPROCESS, COMPLETE],
  [INPROCESS]: [INPROCESS, COMPLETE],
}

export const sessionRules = rulesOn('session', 2, [
  {
    id: 'sequence-id',
    title: 'sequence_id does not count',
    requirements: ['R-E2E.14', 'R-E2E.15'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'sequence_id begins with 1 and grows by 1 with each Record of a direction.',
    check: ({ before, sequenceId, repeats }) => {
      if (repeats || before === undefined || sequenceId === before.sequenceId + 1n) return undefined
      return { seen: `sequence_id is ${sequenceId} after ${before.sequenceId}`, related: [before.no] }
    },
  },
  {
    id: 'expected-id',
    title: 'expected_id cannot be',
    requirements: ['R-E2E.17'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'expected_id never shrinks, and is at most one more than the other side has sent.',
    check: ({ before, expectedId, peer, repeats }) => {
      if (!repeats && before !== undefined && expectedId < before.expectedId)
        return { seen: `expected_id is ${expectedId} after ${before.expectedId}`, related: [before.no] }
      return peer !== undefined && expectedId > peer + 1n
        ? `expected_id is ${expectedId}, and the other side has sent ${peer}`
        : undefined
    },
  },
  {
    id: 'session-security',
    title: 'payload_security changed within a session',
    requirements: ['R-E2E.18'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'payload_security stays the same within a session context.',
    check: ({ before, security }) =>
      before === undefined || before.security === security
        ? undefined
        : { seen: `payload_security is ${security} after ${before.security}`, related: [before.no] },
  },
  {
    id: 'segment-order',
    title: 'Segments out of order',
    requirements: [],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'Segments come as BEGIN, INPROCESS …, COMPLETE.',
    check: ({ before, segment, repeats, sequenceId }) => {
      if (repeats || before === undefined || sequenceId !== before.sequenceId + 1n) return undefined
      if ((follows[before.segment] ?? [segment]).includes(segment)) return undefined
      const name = (state: number) => segmentNames[state] ?? String(state)
      return { seen: `${name(segment)} follows ${name(before.segment)}`, related: [before.no] }
    },
  },
])
