/** A line for each rule and device. */
import { useEffect, useRef, type KeyboardEvent } from 'react'
import type { FindingGroup } from '../../../shared/contract/lint.ts'
import { findRule } from '../../../shared/lint/rules/index.ts'
import { useModel } from '../../app/model.ts'
import { useKeptScroll } from '../../app/use-kept-scroll.ts'
import { count } from '../../ui/format.ts'
import { SeverityMark } from './severity.tsx'
import { byDevice, groupKey } from './store.ts'
import { rowAfter, stepOf } from '../../list/move-keys.ts'
import '../../list/grid.css'

interface Props {
  readonly groups: readonly FindingGroup[]
  readonly selected: string | undefined
}

export function GroupList({ groups, selected }: Props) {
  const model = useModel()
  const element = useRef<HTMLTableElement>(null)
  const scroll = useKeptScroll('findings')
  const devices = byDevice(groups)
  const rows = devices.flatMap(([, own]) => own)
  useEffect(() => {
    if (document.activeElement === document.body) element.current?.focus({ preventScroll: true })
  }, [])
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Escape') void model.lint.select(undefined)
    const at = rows.findIndex((group) => groupKey(group) === selected)
    const by = stepOf(event.key)
    const group = by === undefined ? undefined : rows[rowAfter(at, by, rows.length)]
    if (group === undefined) return
    void model.lint.select(groupKey(group))
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div className="lint-groups" ref={scroll}>
      <table
        className="list-table lint-list"
        role="grid"
        aria-label="Findings"
        tabIndex={0}
        ref={element}
        onKeyDown={onKeyDown}
      >
        <thead>
          <tr>
            <th>Severity</th>
            <th>Rule</th>
            <th>Requirement</th>
            <th className="right">Count</th>
            <th className="right">Last packet</th>
          </tr>
        </thead>
        {devices.map(([endpoint, own]) => (
          <tbody key={endpoint}>
            <tr className="lint-device">
              <th colSpan={5} scope="rowgroup" className="mono cut" title={endpoint}>
                {endpoint || 'unknown device'}
              </th>
            </tr>
            {own.map((group) => {
              const key = groupKey(group)
              const rule = findRule(group.rule)
              return (
                <tr
                  key={key}
                  className={group.suppressed ? 'dim' : ''}
                  aria-selected={key === selected}
                  ref={key === selected ? (row) => row?.scrollIntoView({ block: 'nearest' }) : null}
                  onClick={() => void model.lint.select(key)}
                >
                  <td>
                    <SeverityMark severity={group.severity} />
                  </td>
                  <td className="cut" title={`${rule?.title ?? group.rule}: ${group.seen}`}>
                    {rule?.title ?? group.rule}
                    {group.suppressed && ' (suppressed)'}
                  </td>
                  <td className="cut dim" title={rule?.requirements.join(', ')}>
                    {rule?.requirements.join(', ')}
                  </td>
                  <td className="right number">{count(group.count + group.more)}</td>
                  <td className="right number">{group.last}</td>
                </tr>
              )
            })}
          </tbody>
        ))}
      </table>
    </div>
  )
}
