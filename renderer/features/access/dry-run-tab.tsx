/** The draft tried on a recording: what it would decide otherwise, packet by packet. */
import { useMemo, useState, type KeyboardEvent } from 'react'
import { useStore } from 'zustand'
import { CHANGE_KINDS } from '../../../shared/acl/dry-run.ts'
import { subjectName } from '../../../shared/acl/model.ts'
import { DRY_RUN_LIMITS, type DryRunResult, type DryRunRow } from '../../../shared/contract/dry-run.ts'
import { useModel, type Model } from '../../app/model.ts'
import { count, plural } from '../../ui/format.ts'
import { Empty, Icon } from '../../ui/kit.tsx'
import { showFiltered, showPacket } from '../packets/actions.ts'
import {
  askedWords,
  everything,
  kindWords,
  numbersFilter,
  selectRows,
  summaryWords,
  unlisted,
  type Selection,
} from './dry-run.ts'
import { Choice } from '../../ui/choice.tsx'
import { Grid, type GridColumn } from '../../list/grid.tsx'
import { Facet } from './facet.tsx'
import { RecordingBar } from './recording-bar.tsx'
import type { Before, Outcome } from './recordings.ts'
import { faultsOf } from './rules.ts'
import { useRules } from './use-access.ts'
import { Verdict } from './verdict.tsx'

const befores: readonly (readonly [Before, string])[] = [
  ['force', 'the rules in force'],
  ['recorded', 'what was recorded'],
]

export function DryRunTab() {
  const { access, recordings } = useModel()
  const rules = useRules()
  const drafted = useStore(access, (state) => state.draft !== undefined) && access.difference().count > 0
  const before = useStore(recordings, (state) => state.before)
  const { outcome, error, job } = useStore(recordings, (state) => state.dryRun)
  const faulty = rules.findIndex((rule) => faultsOf(rule).length > 0)
  const fault = faulty >= 0 ? `Rule ${faulty + 1} has an error: mend it first.` : undefined
  return (
    <div className="recording-tab">
      <RecordingBar
        kind="dryRun"
        title={drafted ? 'Try the draft' : 'Try the rules'}
        fault={fault}
        onStart={() => void recordings.startDryRun(rules)}
      >
        <span className="dim">against</span>
        <Choice
          label="What it is compared with"
          options={befores}
          value={before}
          onChange={(next) => recordings.setState({ before: next })}
        />
      </RecordingBar>
      {(error || fault) && (
        <p className="access-note is-warn" role="alert">
          <Icon name="warning" />
          <span>{error?.message ?? fault}</span>
        </p>
      )}
      {outcome ? (
        <Result key={outcome.job} outcome={outcome} stale={outcome.rules !== rules} />
      ) : (
        <Empty
          action={
            <button type="button" className="button" onClick={() => access.open('rules')}>
              Edit the rules
            </button>
          }
        >
          {job === undefined
            ? `Edit a rule, then try the draft on a recording: each packet that it would decide otherwise stands here, and nothing is put in force.${drafted ? '' : ' There is no draft now, so only what was recorded differs from the rules in force.'}`
            : 'Asking both lists about each packet…'}
        </Empty>
      )}
    </div>
  )
}

function Result({ outcome, stale }: { outcome: Outcome<DryRunResult>; stale: boolean }) {
  const model = useModel()
  const { result, of, before } = outcome
  const [selection, setSelection] = useState<Selection>(everything)
  const rows = useMemo(() => selectRows(result.rows, selection), [result, selection])
  const [chosen, setChosen] = useState<DryRunRow>()
  const row = chosen && rows.includes(chosen) ? chosen : undefined
  const missing = unlisted(result)
  const worse = result.counts['newly-denied'] > 0
  const change = (part: Partial<Selection>) => setSelection({ ...selection, ...part })
  const showAll = () => {
    const { filter, left } = numbersFilter(rows.map(({ no }) => no))
    showFiltered(model, of.capture, filter)
    if (left > 0) model.notices.getState().say(`${plural(left, 'packet')} more found no place in a filter.`)
  }
  return (
    <>
      <div className={`access-note ${worse ? 'is-warn' : ''}`} role="status">
        <Icon name={worse ? 'warning' : 'check'} />
        <span>
          {summaryWords(result, before)}
          {missing > 0 &&
            ` The first ${count(DRY_RUN_LIMITS.rows)} of each kind are listed; ${count(missing)} more are counted alone: narrow the filter to see them.`}
          {stale && <b> The rules were edited since: try them again.</b>}
        </span>
        <button type="button" className="button" disabled={rows.length === 0} onClick={showAll}>
          Show in Packets
        </button>
      </div>
      {result.rows.length === 0 ? (
        <Empty>No packet of this recording is decided otherwise.</Empty>
      ) : (
        <div className="recording-result">
          <aside aria-label="Counts">
            <Facet
              title="Change"
              items={CHANGE_KINDS.filter((kind) => result.counts[kind] > 0).map((kind) => ({
                id: kind,
                title: kindWords[kind],
                count: result.counts[kind],
              }))}
              selected={selection.kind}
              onSelect={(kind) => change({ kind })}
            />
            <Facet
              title="Device"
              items={result.devices.map(({ name, counts }) => ({
                id: name,
                title: name,
                count: sum(counts, selection),
              }))}
              more={result.more.devices}
              selected={selection.device}
              onSelect={(device) => change({ device })}
            />
            <Facet
              title="Deciding rule, before → after"
              items={result.rules.map(({ name, counts }, id) => ({
                id,
                title: name,
                count: sum(counts, selection),
              }))}
              more={result.more.rules}
              selected={selection.pair}
              onSelect={(pair) => change({ pair })}
            />
          </aside>
          <ResultRows rows={rows} row={row} outcome={outcome} onRow={setChosen} />
        </div>
      )}
    </>
  )
}

/** Of the kind that is selected, or of all. */
const sum = (counts: DryRunResult['devices'][number]['counts'], { kind }: Selection): number =>
  kind === undefined ? CHANGE_KINDS.reduce((all, one) => all + counts[one], 0) : counts[kind]

interface RowsProps {
  readonly rows: readonly DryRunRow[]
  readonly row: DryRunRow | undefined
  readonly outcome: Outcome<DryRunResult>
  readonly onRow: (row: DryRunRow | undefined) => void
}

function ResultRows({ rows, row, outcome, onRow }: RowsProps) {
  const model = useModel()
  const go = (to: DryRunRow) => void showPacket(model, outcome.of.capture, to.no)
  const onKey = ({ key }: KeyboardEvent) => {
    if (!row) return false
    if (key === 'Enter') go(row)
    else if (key === 'Escape') onRow(undefined)
    else return false
    return true
  }
  return (
    <div className="access-pane">
      <Grid
        id="access-dry-run"
        label="Packets that are decided otherwise"
        columns={columnsOf[outcome.before]}
        rows={rows}
        keyOf={(one) => rows.indexOf(one)}
        selected={row && rows.indexOf(row)}
        onSelect={onRow}
        onKey={onKey}
      />
      {row && <Detail row={row} outcome={outcome} onGo={() => go(row)} />}
    </div>
  )
}

const columnsFor = (against: Before): readonly GridColumn<DryRunRow>[] => [
  { title: 'No.', width: '64px', right: true, cell: ({ no }) => count(no) },
  {
    title: 'Who',
    width: 'minmax(110px, 0.7fr)',
    cell: ({ who }) => subjectName(who),
    hint: ({ who }) => subjectName(who),
  },
  { title: 'Wanted to', width: '104px', cell: ({ what }) => askedWords[what] },
  {
    title: 'Topic',
    width: 'minmax(180px, 2.2fr)',
    mono: true,
    cell: ({ topic }) => topic,
    hint: ({ topic }) => topic,
  },
  {
    title: 'Before',
    width: against === 'recorded' ? '136px' : '96px',
    cell: ({ before }) => <Verdict decision={before} recorded={against === 'recorded'} />,
    hint: ({ before }) => before.why,
  },
  {
    title: 'After',
    width: '96px',
    cell: ({ after }) => <Verdict decision={after} />,
    hint: ({ after }) => after.why,
  },
]

const columnsOf = { force: columnsFor('force'), recorded: columnsFor('recorded') } as const

function Detail({
  row,
  outcome,
  onGo,
}: {
  row: DryRunRow
  outcome: Outcome<DryRunResult>
  onGo: () => void
}) {
  const model = useModel()
  const { what, topic, who, before, after, no, qos, retain } = row
  return (
    <div className="denial-detail">
      <p>
        <b>{subjectName(who)}</b> wanted to {askedWords[what]} <code>{topic}</code> with QoS {qos}
        {retain && ', retained'}. Before: {before.verdict}, {before.why}. After: {after.verdict}, {after.why}.
      </p>
      <span className="buttons">
        <button type="button" className="button main" onClick={onGo}>
          Go to packet {count(no)}
        </button>
        <button type="button" className="button" onClick={() => askAbout(model, row, outcome)}>
          Ask the rules
        </button>
        <ShowRule id={after.rule ?? before.rule} />
      </span>
    </div>
  )
}

function askAbout({ access }: Model, row: DryRunRow, { of }: Outcome<DryRunResult>): void {
  const { what, topic, who, qos, retain, no } = row
  const action = what === 'publish' || what === 'will' ? 'publish' : 'subscribe'
  const question = { what, action, topic, who, qos, retain } as const
  access.askAbout({ no, capture: of.capture, questions: [question] })
}

function ShowRule({ id }: { id: string | undefined }) {
  const { access } = useModel()
  const rules = useRules()
  if (!rules.some((rule) => rule.id === id)) return null
  return (
    <button
      type="button"
      className="button"
      onClick={() => {
        access.select(id)
        access.open('rules')
      }}
    >
      Show the rule
    </button>
  )
}
