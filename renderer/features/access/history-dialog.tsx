/** The versions of the rules: who, when, why; one to look at, and to go back to. */
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import type { AclList } from '../../../shared/acl/model.ts'
import type { AclVersion } from '../../../shared/contract/access.ts'
import type { BenchError } from '../../../shared/contract/result.ts'
import { Dialog } from '../../app/dialog.tsx'
import { useModel } from '../../app/model.ts'
import { dateTime } from '../../ui/format.ts'
import { Grid, type GridColumn } from '../../list/grid.tsx'
import { compareRules, differenceWords } from './draft.ts'
import { plainRuleColumns } from './rule-columns.tsx'
import { versionWords } from './words.ts'

const columns: readonly GridColumn<AclVersion>[] = [
  { title: 'Version', width: '60px', right: true, cell: ({ version }) => version },
  {
    title: 'When',
    width: '216px',
    cell: ({ changedAt }) => (changedAt > 0 ? dateTime(changedAt) : 'as shipped'),
  },
  {
    title: 'Who',
    width: 'minmax(110px, 1fr)',
    cell: ({ changedBy }) => changedBy,
    hint: (row) => row.changedBy,
  },
  { title: 'Rules', width: '54px', right: true, cell: ({ rules }) => rules },
  {
    title: 'Note',
    width: 'minmax(180px, 2fr)',
    cell: ({ note }) => note || <span className="dim">none</span>,
    hint: ({ note }) => note,
  },
]

export function HistoryDialog() {
  const { host } = useModel()
  const [versions, setVersions] = useState<readonly AclVersion[]>()
  const [chosen, setChosen] = useState<AclVersion>()
  const [error, setError] = useState<BenchError>()
  useEffect(() => {
    let gone = false
    void host.call('access.rules.history', undefined).then((answer) => {
      if (gone) return
      if (!answer.ok) return setError(answer.error)
      setVersions(answer.value)
      setChosen(answer.value[0])
    })
    return () => {
      gone = true
    }
  }, [host])
  return (
    <Dialog title="History of the rules">
      <div className="rule-history">
        {error && (
          <p className="bad" role="alert">
            {error.message}
          </p>
        )}
        {versions && (
          <Grid
            id="access-versions"
            label="Versions, newest first"
            columns={columns}
            rows={versions}
            keyOf={({ version }) => version}
            selected={chosen?.version}
            onSelect={setChosen}
          />
        )}
        {chosen && <Version key={chosen.version} chosen={chosen} />}
      </div>
    </Dialog>
  )
}

function Version({ chosen }: { chosen: AclVersion }) {
  const { host, access, live, show } = useModel()
  const inForce = useStore(live, (state) => state.access?.list)
  const [list, setList] = useState<AclList>()
  const [error, setError] = useState<BenchError>()
  useEffect(() => {
    let gone = false
    void host.call('access.rules.version', { version: chosen.version }).then((answer) => {
      if (gone) return
      if (answer.ok) setList(answer.value)
      else setError(answer.error)
    })
    return () => {
      gone = true
    }
  }, [host, chosen.version])
  if (error)
    return (
      <p className="bad" role="alert">
        {error.message}
      </p>
    )
  if (!list || !inForce) return <p className="dim">Reading version {chosen.version}…</p>
  const difference = compareRules(inForce.rules, list.rules)
  return (
    <>
      <div className="history-caption">
        <span className="cut">
          {versionWords(chosen)}
          <span className="dim">
            {difference.count === 0
              ? ' · the same as in force'
              : ` · against those in force: ${differenceWords(difference)}`}
          </span>
        </span>
        <button
          type="button"
          className="button main"
          disabled={difference.count === 0}
          onClick={() => {
            access.take(list.rules, 'replace')
            show('none')
          }}
        >
          Take as draft
        </button>
      </div>
      <Grid
        id="access-version"
        label={`Rules of version ${chosen.version}`}
        columns={plainRuleColumns}
        rows={list.rules}
        keyOf={({ id }) => id}
        onSelect={() => undefined}
        tone={({ enabled }) => (enabled ? undefined : 'is-off')}
      />
    </>
  )
}
