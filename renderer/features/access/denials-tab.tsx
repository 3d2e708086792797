/** Everything that was refused: at the door above, of those inside below. */
import { useMemo, type KeyboardEvent } from 'react'
import { useStore } from 'zustand'
import { ruleLabel } from '../../../shared/acl/model.ts'
import type { DenialInfo } from '../../../shared/contract/access.ts'
import { useModel } from '../../app/model.ts'
import { useNow } from '../../ui/clock.ts'
import { ago, count, dateTime } from '../../ui/format.ts'
import { Empty } from '../../ui/kit.tsx'
import { Grid, type GridColumn } from '../../list/grid.tsx'
import { askedAgain } from './ask.ts'
import { Forget, Knocks } from './knocks.tsx'
import { useDenials, useKnocks, useRules } from './use-access.ts'
import { codeWords, denialWords, LIMIT_ADVICE, presentedWords, publisherWords, untoldWords } from './words.ts'

export function DenialsTab() {
  const { live } = useModel()
  const knocks = useKnocks()
  const all = useDenials()
  const open = useStore(live, (state) => state.access?.open === true)
  const dropped = useStore(live, (state) => state.access?.denialsDropped ?? 0)
  const denials = useMemo(() => all.filter(({ action }) => action !== 'connect'), [all])
  return (
    <div className={`denials ${denials.length === 0 ? 'is-quiet' : ''}`}>
      <section className="knocking" aria-label="Knocking">
        <h2>
          Knocking{' '}
          <span className="dim">
            {knocks.length > 0 ? `${count(knocks.length)} refused at the door` : 'nobody'}
          </span>
        </h2>
        {knocks.length > 0 ? (
          <Knocks knocks={knocks} wide />
        ) : (
          <p className="dim">
            A device that is refused at CONNECT stands here with what it presented, and one click lets it in.
            {open && ' While the bench is open nobody is refused.'}
          </p>
        )}
      </section>
      <section className="denied-list" aria-label="Denied">
        <h2>
          Denied{' '}
          <span className="dim">
            {denials.length > 0 ? 'newest first' : 'nothing'}
            {dropped > 0 && ` · ${count(dropped)} older ones dropped`}
          </span>
        </h2>
        {denials.length > 0 ? (
          <DenialList denials={denials} />
        ) : (
          <Empty>
            Each message and subscription that the rules deny gets a row here, with the rule that decided and
            one click to allow it.{open && ' While the bench is open nothing is denied.'}
          </Empty>
        )}
      </section>
    </div>
  )
}

function DenialList({ denials }: { denials: readonly DenialInfo[] }) {
  const { access } = useModel()
  const now = useNow()
  const selected = useStore(access, (state) => state.denial)
  const denial = denials.find(({ id }) => id === selected)
  const columns = useMemo(() => columnsAt(now, access.allow), [now, access])
  const onKey = ({ key }: KeyboardEvent) => {
    if (!denial) return false
    if (key === 'Enter' && denial.cause !== 'limit') access.allow(denial)
    else if (key === 'Delete') void access.forget(denial.id)
    else if (key === 'Escape') access.setState({ denial: undefined })
    else return false
    return true
  }
  return (
    <div className="access-pane">
      <Grid
        id="access-denials"
        label="Denied, newest first"
        columns={columns}
        rows={denials}
        keyOf={({ id }) => id}
        selected={selected}
        onSelect={({ id }) => access.setState({ denial: id })}
        onKey={onKey}
        rowHeight={26}
      />
      {denial && <Detail denial={denial} />}
    </div>
  )
}

const columnsAt = (now: number, allow: (denial: DenialInfo) => void): readonly GridColumn<DenialInfo>[] => [
  {
    title: 'Last',
    width: '80px',
    cell: ({ lastAt }) => ago(lastAt, now),
    hint: ({ firstAt, lastAt }) => `first ${dateTime(firstAt)}, last ${dateTime(lastAt)}`,
  },
  { title: 'Times', width: '52px', right: true, cell: ({ count: times }) => count(times) },
  {
    title: 'Endpoint ID',
    width: 'minmax(130px, 1fr)',
    cell: ({ who }) => who.endpointId,
    hint: (denial) => `${denial.who.endpointId} · ${presentedWords(denial)}`,
  },
  {
    title: 'Address',
    width: '108px',
    mono: true,
    cell: ({ who }) => who.address,
    hint: ({ who }) => who.address,
  },
  { title: 'Wanted to', width: '76px', cell: denialWords },
  {
    title: 'Topic',
    width: 'minmax(240px, 2.4fr)',
    mono: true,
    cell: ({ topic }) => topic,
    hint: (denial) => [denial.topic, publisherWords(denial)].filter(Boolean).join(', '),
  },
  {
    title: 'Code',
    width: '64px',
    mono: true,
    cell: ({ reasonCode, untold }) => (untold ? <span className="dim">none</span> : codeWords(reasonCode)),
    hint: untoldWords,
  },
  { title: 'Why', width: 'minmax(120px, 1.4fr)', cell: ({ text }) => text, hint: ({ text }) => text },
  {
    title: 'Mend',
    width: '92px',
    cell: (denial) =>
      denial.cause !== 'limit' && (
        <button
          type="button"
          className="button"
          title="Put a rule into the draft that allows this for this user"
          onClick={() => allow(denial)}
        >
          Allow this
        </button>
      ),
  },
]

/** The whole sentence, and what can be done about it. */
function Detail({ denial }: { denial: DenialInfo }) {
  const { access } = useModel()
  const rules = useRules()
  const index = rules.findIndex(({ id }) => id === denial.rule)
  const rule = rules[index]
  // No rule could allow it.
  const limited = denial.cause === 'limit'
  const untold = untoldWords(denial)
  const publisher = publisherWords(denial)
  return (
    <div className="denial-detail">
      <p>
        <b>{denial.who.endpointId}</b>{' '}
        <span className="dim">
          ({presentedWords(denial)} · {denial.who.address})
        </span>{' '}
        {denial.action === 'deliver' ? 'was to' : 'wanted to'} {denialWords(denial)}{' '}
        <code>{denial.topic}</code>
        {publisher && `, ${publisher},`} and was refused
        {!denial.untold && ` with ${codeWords(denial.reasonCode)}`}: {denial.text}.{untold && ` ${untold}.`}
        {limited && ` ${LIMIT_ADVICE}`}
      </p>
      <span className="buttons">
        {!limited && (
          <>
            <button type="button" className="button main" onClick={() => access.allow(denial)}>
              Allow this
            </button>
            <button
              type="button"
              className="button"
              onClick={() => {
                const ask = askedAgain(denial)
                if (ask) access.setState({ ask, tab: 'ask' })
              }}
            >
              Ask the rules
            </button>
          </>
        )}
        {rule && (
          <button
            type="button"
            className="button"
            onClick={() => {
              access.select(rule.id)
              access.open('rules')
            }}
          >
            Show {ruleLabel(index, rule)}
          </button>
        )}
        <Forget id={denial.id} />
      </span>
    </div>
  )
}
