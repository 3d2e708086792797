import { describe, expect, test } from 'vitest'
import { type Credential } from '../../../electron/engine/access/credentials-table.ts'
import { decide, type Decision, type Remote } from '../../../electron/engine/access/reconcile.ts'
import { bytes } from '../nats/natsd.ts'

interface Here {
  /** Absent for a removed user. */
  readonly is?: string
  readonly at?: number
  readonly since?: number
  readonly pending?: true
  readonly initial?: true
}
interface There {
  readonly is?: string
  readonly at?: number
  readonly revision?: number
}

const local = ({ is, at = 100, since, pending, initial }: Here): Credential => ({
  username: 'u',
  password: is === undefined ? undefined : bytes(is),
  changedAt: at,
  pending: pending === true,
  ...(since === undefined ? {} : { revision: since }),
  ...(initial ? { initial } : {}),
})
const remote = ({ is, at = 100, revision = 5 }: There): Remote => ({
  password: is === undefined ? undefined : bytes(is),
  changedAt: at,
  revision,
})

type Row = readonly [name: string, here: Here | undefined, there: There | undefined, Decision['action']]
const rows: readonly Row[] = [
  ['nobody knows it', undefined, undefined, 'nothing'],
  ['removed there, never known here', undefined, {}, 'nothing'],
  ['only NATS has it', undefined, { is: 'b' }, 'take'],
  ['only here, new', { is: 'a', pending: true }, undefined, 'write'],
  ['the same, agreed', { is: 'a', since: 5 }, { is: 'a' }, 'nothing'],
  ['the same, written by both', { is: 'a', pending: true }, { is: 'a' }, 'agree'],
  ['the same, written again there', { is: 'a', since: 3 }, { is: 'a' }, 'agree'],
  ['removed on both sides', { pending: true, since: 3 }, {}, 'forget'],
  ['removed here, NATS never had it', { pending: true }, undefined, 'forget'],

  ['changed there, however old the clock says', { is: 'a', since: 3, at: 900 }, { is: 'b', at: 1 }, 'take'],
  ['removed there', { is: 'a', since: 3, at: 900 }, { at: 1 }, 'drop'],
  ['purged there without a mark', { is: 'a', since: 3 }, undefined, 'drop'],
  [
    'changed here, however old the clock says',
    { is: 'a', since: 5, pending: true, at: 1 },
    { is: 'b', at: 900 },
    'write',
  ],
  ['removed here', { since: 5, pending: true, at: 1 }, { is: 'b', at: 900 }, 'erase'],

  ['changed by both, here last', { is: 'a', since: 3, pending: true, at: 200 }, { is: 'b' }, 'write'],
  ['changed by both, there last', { is: 'a', since: 3, pending: true, at: 50 }, { is: 'b' }, 'take'],
  ['changed by both at one time', { is: 'a', since: 3, pending: true }, { is: 'b' }, 'take'],
  ['changed here, then removed there', { is: 'a', since: 3, pending: true, at: 50 }, {}, 'drop'],
  ['removed there, then changed here', { is: 'a', since: 3, pending: true, at: 200 }, {}, 'write'],
  ['removed here, then changed there', { since: 3, pending: true, at: 50 }, { is: 'b' }, 'take'],
  ['changed there, then removed here', { since: 3, pending: true, at: 200 }, { is: 'b' }, 'erase'],
  ['changed here, purged there', { is: 'a', since: 3, pending: true }, undefined, 'write'],

  ['never met, here newer', { is: 'a', pending: true, at: 200 }, { is: 'b' }, 'write'],
  ['never met, there newer', { is: 'a', pending: true, at: 50 }, { is: 'b' }, 'take'],
  ['never met, removed here later', { pending: true, at: 200 }, { is: 'b' }, 'erase'],

  ['NATS lost the newest', { is: 'a', since: 9 }, { is: 'b', revision: 4 }, 'write'],
  ['NATS lost it altogether', { is: 'a', since: 12 }, undefined, 'write'],

  [
    'made up here, chosen there',
    { is: 'a', initial: true, pending: true, at: 900 },
    { is: 'b', at: 1 },
    'take',
  ],
  ['made up here, removed there', { is: 'a', initial: true, pending: true, at: 1 }, { at: 900 }, 'write'],
  ['made up here, unknown there', { is: 'a', initial: true, pending: true }, undefined, 'write'],
]

describe('what is done about a difference', () => {
  test.each(rows)('%s', (_name, here, there, action) => {
    const decision = decide(here && local(here), there && remote(there), { lastRevision: 10, complete: true })
    expect(decision.action).toBe(action)
    expect(decision.why === '').toBe(['nothing', 'agree', 'forget'].includes(action))
  })

  test('an entry that may only be left out of memory is not taken for removed', () => {
    const incomplete = { lastRevision: 10, complete: false }
    expect(decide(local({ is: 'a', since: 3 }), undefined, incomplete).action).toBe('nothing')
    expect(decide(local({ is: 'a', pending: true }), undefined, incomplete).action).toBe('nothing')
    expect(decide(local({ is: 'a', since: 3 }), remote({}), incomplete).action).toBe('drop')
  })
})
