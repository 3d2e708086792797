/** What differs between two sides, as one list: what is supported first, then values. */
import { useMemo, useState } from 'react'
import type { Change, Difference } from '../../../shared/contract/snapshots.ts'
import { useModel } from '../../app/model.ts'
import { copy } from '../../app/command.ts'
import { count, plural } from '../../ui/format.ts'
import { Empty } from '../../ui/kit.tsx'
import { Rows } from '../../ui/rows.tsx'
import { differenceRows, differenceText, type DifferenceRow } from './difference-rows.ts'

const ROW = 22
const HEADER = 24
const signs: Readonly<Record<Change, string>> = { added: '+', removed: '−', changed: '≠' }

export function DifferencePane({ difference }: { difference: Difference }) {
  const model = useModel()
  const [quiet, setQuiet] = useState(false)
  const [text, setText] = useState('')
  const [top, setTop] = useState(0)
  const rows = useMemo(() => differenceRows(difference, quiet, text), [difference, quiet, text])
  const hidden = difference.values.filter((one) => one.quiet).length
  return (
    <>
      <div className="filter-bar">
        <input
          className="input mono difference-filter"
          aria-label="Filter the differences"
          placeholder="Filter: words in path or value"
          value={text}
          maxLength={2000}
          onChange={(event) => setText(event.target.value)}
        />
        <span className="number dim" role="status">
          {plural(rows.length, 'difference')}, {count(difference.same)} values the same
          {difference.more > 0 && <span className="warn">, {count(difference.more)} more are not shown</span>}
        </span>
        {hidden > 0 && (
          <span className="check">
            <input
              id="difference-quiet"
              type="checkbox"
              checked={quiet}
              onChange={(event) => setQuiet(event.target.checked)}
            />
            <label htmlFor="difference-quiet">
              {plural(hidden, 'counter or clock', 'counters and clocks')}
            </label>
          </span>
        )}
        <span className="spacer" />
        <Remarks difference={difference} />
        <button
          type="button"
          className="button"
          onClick={() => void copy(model, 'the differences', differenceText(difference, rows))}
        >
          Copy
        </button>
      </div>
      {rows.length === 0 ? (
        <Empty>
          Both sides are the same{text === '' ? '' : ` in what has: ${text}`}
          {hidden > 0 && !quiet ? ', apart from counters and clocks' : ''}.
        </Empty>
      ) : (
        <div
          className="difference"
          role="grid"
          tabIndex={0}
          aria-label="Differences"
          aria-rowcount={rows.length}
        >
          <Rows
            total={rows.length}
            rowHeight={ROW}
            top={top}
            onTop={setTop}
            onViewport={() => undefined}
            header={<Header difference={difference} />}
            headerHeight={HEADER}
            minWidth={560}
            row={(index) => <Line row={rows[index]} />}
          />
        </div>
      )}
    </>
  )
}

/** What was not compared must not look as if it were the same. */
function Remarks({ difference: { left, right, paths } }: { difference: Difference }) {
  const remarks = [
    ...(paths.length > 0 && !paths.includes('Device.')
      ? [`Only ${paths.join(', ')} was asked for on both.`]
      : []),
    ...(paths.length === 0 ? ['Values are not compared.'] : []),
    ...(left.objects === 0 || right.objects === 0 ? ['Types are not compared: a model is not known.'] : []),
    ...(left.failures + right.failures > 0
      ? [`${plural(left.failures + right.failures, 'part')} could not be read.`]
      : []),
  ]
  return <span className="warn cut">{remarks.join(' ')}</span>
}

function Header({ difference: { left, right } }: { difference: Difference }) {
  const isOther = left.endpointId !== right.endpointId
  const title = ({ name, endpointId, softwareVersion = '' }: Difference['left']): string =>
    [name, isOther || name === '' ? endpointId : '', softwareVersion].filter(Boolean).join(' · ')
  return (
    <div className="difference-line model-header" role="row">
      <span role="columnheader" />
      <span role="columnheader">Path</span>
      <span role="columnheader" className="cut" title={left.endpointId}>
        {title(left)}
      </span>
      <span role="columnheader" className="cut" title={right.endpointId}>
        {title(right)}
      </span>
    </div>
  )
}

function Line({ row }: { row: DifferenceRow | undefined }) {
  if (!row) return null
  const { path, what, change, before, after } = row
  return (
    <div className={`difference-line is-${change}`} role="row">
      <span role="gridcell" className="difference-sign" title={change}>
        <span aria-hidden="true">{signs[change]}</span>
        <span className="only-read">{change}</span>
      </span>
      <span role="gridcell" className="mono cut" title={path}>
        {path} {what !== 'value' && <span className="dim">{what}</span>}
      </span>
      <Side text={before} />
      <Side text={after} />
    </div>
  )
}

function Side({ text }: { text: string | undefined }) {
  return (
    <span role="gridcell" className="mono cut" title={text}>
      {text === '' ? <span className="dim">empty</span> : text}
    </span>
  )
}
