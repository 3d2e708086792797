/** Findings of the linter in the capture in front, by device, and the group under the cursor in full. */
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import type { LintSummary } from '../../../shared/contract/lint.ts'
import { rules } from '../../../shared/lint/rules/index.ts'
import { useModel } from '../../app/model.ts'
import { useSplit } from '../../app/use-split.ts'
import { count, plural } from '../../ui/format.ts'
import { Empty, Icon } from '../../ui/kit.tsx'
import { Split } from '../../ui/split.tsx'
import { countsText } from './counts.tsx'
import { ExportFindings } from './export-findings.tsx'
import { GroupDetail } from './group-detail.tsx'
import { GroupList } from './group-list.tsx'
import { groupKey } from './store.ts'
import '../../list/list.css'
import './lint.css'

/** While packets wait to be checked. */
const LOOK_AGAIN_MS = 500

export function LintView() {
  const model = useModel()
  const tab = useStore(model.packets, (state) => state.current)
  const captures = useStore(model.live, (state) => state.captures)
  const live = useStore(model.live, (state) => state.capture?.findings)
  const filter = useStore(tab.list, ({ params }) => params.filter)
  const state = useStore(model.lint)
  const [all, setAll] = useState(false)
  const [ratio, setRatio] = useSplit('lint', 0.55)
  const { capture } = tab
  useEffect(() => {
    void model.lint.refresh(capture)
  }, [model, capture, live?.error, live?.warning, live?.note])

  const { summary, fault, selected, findings, endpoint } = state
  // Nobody tells how far the linter is; findings of the live capture alone are told.
  useEffect(() => {
    if (summary === undefined || summary.waiting === 0) return
    const timer = setTimeout(() => void model.lint.refresh(capture), LOOK_AGAIN_MS)
    return () => clearTimeout(timer)
  }, [model, capture, summary])

  const groups = summary?.groups.filter((group) => all || !group.suppressed) ?? []
  const group = groups.find((one) => groupKey(one) === selected)
  const hidden = new Set(summary?.groups.filter((one) => one.suppressed).map(({ rule }) => rule)).size
  const name = capture === 'live' ? 'Live capture' : captures?.find(({ id }) => id === capture)?.name
  return (
    <div className="list-view">
      <div className="filter-bar">
        <strong className="cut">{name}</strong>
        {endpoint !== undefined && (
          <button
            type="button"
            className="button lint-endpoint"
            title="Show the findings of every device"
            onClick={() => void model.lint.showDevice(capture, undefined)}
          >
            <span className="mono cut">{endpoint}</span>
            <Icon name="close" />
          </button>
        )}
        {summary && <span className="number dim">{countsOf(summary)}</span>}
        {summary !== undefined && summary.waiting > 0 && (
          <progress aria-label="Packets checked" max={1} value={partOf(summary)} />
        )}
        <span className="spacer" />
        {hidden > 0 && (
          <label className="lint-hidden">
            <input type="checkbox" checked={all} onChange={(event) => setAll(event.target.checked)} />
            Show {plural(hidden, 'suppressed rule')}
          </label>
        )}
        <ExportFindings
          disabled={summary === undefined || summary.groups.length === 0}
          capture={capture}
          endpoint={endpoint ?? group?.endpoint}
          filter={filter}
        />
      </div>
      {fault !== '' ? (
        <Empty>{fault}</Empty>
      ) : groups.length === 0 ? (
        <Empty>
          {summary !== undefined && summary.groups.length > 0
            ? 'Every finding here is of a rule that is suppressed.'
            : `Nothing was found${endpoint === undefined ? '' : ` about ${endpoint}`}${summary ? ` in ${checkedOf(summary)}` : ''}. Each packet of USP over MQTT is checked against ${rules.length} rules of TR-369 as it comes, live and in opened captures; what breaks one is listed here by device, with the requirement and how to mend it.`}
        </Empty>
      ) : (
        <Split
          direction="across"
          label="Width of the list of findings"
          ratio={ratio}
          onRatio={setRatio}
          first={<GroupList groups={groups} selected={selected} />}
          second={group && <GroupDetail group={group} findings={findings} />}
        />
      )}
    </div>
  )
}

function countsOf(summary: LintSummary): string {
  const { groups, waiting, skipped, unlisted } = summary
  const sums = { error: 0, warning: 0, note: 0 }
  for (const { severity, count, more, suppressed } of groups) if (!suppressed) sums[severity] += count + more
  return [
    countsText(sums),
    `${checkedOf(summary)} checked${waiting > 0 ? ' so far' : ''}`,
    ...(skipped > 0 ? [`${count(skipped)} gone before they were checked`] : []),
    ...(unlisted > 0 ? [`${count(unlisted)} kinds of findings not listed`] : []),
  ].join(' · ')
}

/** `508 packets`; `276 of 508 packets` while others wait. */
const checkedOf = ({ checked, waiting }: LintSummary): string =>
  `${waiting > 0 ? `${count(checked)} of ` : ''}${plural(checked + waiting, 'packet')}`

const partOf = ({ checked, waiting }: LintSummary): number => checked / (checked + waiting)
