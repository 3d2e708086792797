/** Sessions, shared subscriptions and retained messages of the broker, to be looked at and acted on. */
import type { EngineHandlers, ViewParams, ViewSource } from '../../../shared/contract/contract.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import type { SessionRow, SessionSort, SharedGroupRow } from '../../../shared/contract/sessions.ts'
import type { Overview } from '../broker/sessions/overview.ts'
import { polledView } from '../polled-view.ts'
import { everyRow, hasWords, wordsOf } from './pages.ts'
import { RetainedUndo } from './retained-undo.ts'
import { groupRow, sessionDetail, sessionRow } from './rows.ts'

type Handled = Extract<keyof EngineHandlers, `sessions.${string}` | `retained.${string}`>

export interface SessionsService {
  readonly handlers: Pick<EngineHandlers, Handled>
  openSessions(params: ViewParams<'sessions'>, changed: () => void): ViewSource<SessionRow>
  openGroups(params: ViewParams<'sharedGroups'>, changed: () => void): ViewSource<SharedGroupRow>
}

/** `retainedChanged`: retained messages were cleared, or put back, by hand. */
export function createSessions(overview: Overview, retainedChanged: () => void): SessionsService {
  const undo = new RetainedUndo(overview)
  const known = (clientId: string) => {
    const session = overview.session(clientId)
    if (!session)
      throw new BenchFailure('not-found', `The broker holds no session of “${clientId}” any more.`)
    return session
  }
  return {
    handlers: {
      'sessions.get': ({ clientId }) => sessionDetail(known(clientId)),
      'sessions.end'({ clientId }) {
        if (!overview.end(clientId)) throw new BenchFailure('conflict', `“${clientId}” is not connected.`)
      },
      'sessions.expire'({ clientId }) {
        known(clientId)
        overview.expire(clientId)
      },
      'sessions.dropQueue'({ clientId }) {
        known(clientId)
        return { dropped: overview.dropQueue(clientId) }
      },
      'retained.get'({ topic }) {
        for (const row of everyRow((from, count) => overview.retained(from, count))) {
          if (row.topic !== topic) continue
          const { qos, at, payload, properties, publisher } = row
          return { topic, qos, at, payload, properties, ...(publisher !== undefined && { publisher }) }
        }
        throw new BenchFailure('not-found', 'The broker keeps no message of this topic.')
      },
      'retained.clear'({ topic, below }) {
        const cleared = undo.clear(topic, below)
        if (cleared.messages > 0) retainedChanged()
        return cleared
      },
      'retained.restore'({ undo: id }) {
        const restored = undo.restore(id)
        retainedChanged()
        return restored
      },
    },
    openSessions: (params, changed) =>
      polledView(
        () => selectSessions(overview, params),
        ({ clientId }) => clientId,
        changed,
      ),
    openGroups: (params, changed) =>
      polledView(
        () => selectGroups(overview, params),
        ({ key }) => key,
        changed,
      ),
  }
}

function selectSessions(overview: Overview, { text, state, sort, descending }: ViewParams<'sessions'>) {
  const words = wordsOf(text)
  const rows: SessionRow[] = []
  let all = 0
  for (const known of everyRow((from, count) => overview.sessions(from, count))) {
    all += 1
    if (state !== 'all' && known.connected !== (state === 'connected')) continue
    const { clientId, username, will, subscriptions } = known
    const filters = words.length === 0 ? [] : subscriptions.map(({ filter }) => filter)
    if (hasWords(words, [clientId, username, will?.topic, ...filters])) rows.push(sessionRow(known))
  }
  const sign = descending ? -1 : 1
  rows.sort((a, b) => sign * compare(a, b, sort) || byText(a.clientId, b.clientId))
  return { rows, all }
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const compare = (a: SessionRow, b: SessionRow, sort: SessionSort): number =>
  sort === 'clientId' ? byText(a.clientId, b.clientId) : Number(a[sort]) - Number(b[sort])

function selectGroups(overview: Overview, { text }: ViewParams<'sharedGroups'>) {
  const words = wordsOf(text)
  const rows: SharedGroupRow[] = []
  let all = 0
  for (const known of everyRow((from, count) => overview.groups(from, count))) {
    all += 1
    const { group, filter, members } = known
    const names = words.length === 0 ? [] : members.map(({ clientId }) => clientId)
    if (hasWords(words, [group, filter, ...names])) rows.push(groupRow(known))
  }
  rows.sort((a, b) => byText(a.key, b.key))
  return { rows, all }
}
