/** The worst that the linter found about one device in the live capture, and the way to the rest. */
import { useEffect, useState } from 'react'
import type { FindingGroup, LintCounts } from '../../../shared/contract/lint.ts'
import { findRule } from '../../../shared/lint/rules/index.ts'
import { useModel, type Model } from '../../app/model.ts'
import { count, plural } from '../../ui/format.ts'
import { RemedyLines } from './remedy.tsx'
import { SeverityMark } from './severity.tsx'
import './device-findings.css'

/** The Findings view has them all. */
const WORST = 4

interface Props {
  readonly endpointId: string
  readonly counts: LintCounts | undefined
}

export function DeviceFindings({ endpointId, counts }: Props) {
  const model = useModel()
  const [groups, setGroups] = useState<readonly FindingGroup[]>([])
  const { error = 0, warning = 0, note = 0 } = counts ?? {}
  const any = error + warning + note > 0
  useEffect(() => {
    if (!any) return
    let here = true
    void model.host.call('lint.summary', { capture: 'live', endpoint: endpointId }).then((answer) => {
      if (here && answer.ok) setGroups(answer.value.groups.filter(({ suppressed }) => !suppressed))
    })
    return () => void (here = false)
  }, [model, endpointId, any, error, warning, note])
  if (!any) return <p className="dim">None. What breaks a rule of TR-369 would stand here.</p>
  const own = groups.filter(({ endpoint }) => endpoint === endpointId)
  return (
    <>
      <ul className="plain device-findings">
        {own.slice(0, WORST).map((group) => (
          <Line key={group.rule} group={group} />
        ))}
      </ul>
      <button type="button" className="button" onClick={() => void open(model, endpointId)}>
        {own.length > WORST ? `Show all ${plural(own.length, 'kind')} in Findings` : 'Show in Findings'}
      </button>
    </>
  )
}

async function open(model: Model, endpointId: string): Promise<void> {
  model.packets.show('live')
  model.goTo('lint')
  await model.lint.showDevice('live', endpointId)
}

function Line({ group }: { group: FindingGroup }) {
  const rule = findRule(group.rule)
  return (
    <li>
      <SeverityMark severity={group.severity} />
      <span>
        <b>{rule?.title ?? group.rule}</b>{' '}
        <span className="dim number">
          {rule?.requirements.join(', ')} · {count(group.count + group.more)} ×
        </span>
        <br />
        {group.seen}
        {rule?.remedy && <RemedyLines remedy={rule.remedy} endpoint={group.endpoint} />}
      </span>
    </li>
  )
}
