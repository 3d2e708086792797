/** One rule and device: requirement, what was expected, how to mend it, and each packet. */
import type { FindingGroup, FindingRow } from '../../../shared/contract/lint.ts'
import { findRule } from '../../../shared/lint/rules/index.ts'
import { focus } from '../../app/command.ts'
import { useModel, type Model } from '../../app/model.ts'
import { count } from '../../ui/format.ts'
import { Icon } from '../../ui/kit.tsx'
import { RemedyLines } from './remedy.tsx'
import { SeverityMark } from './severity.tsx'

export function GroupDetail({ group, findings }: { group: FindingGroup; findings: readonly FindingRow[] }) {
  const model = useModel()
  const rule = findRule(group.rule)
  if (rule === undefined) return null
  const { title, requirements, level, side, expected, remedy, id } = rule
  const left = group.count + group.more - findings.length
  const suppress = async () => {
    const answer = await model.lint.suppress(id, !group.suppressed)
    if (!answer.ok) model.notices.getState().fail(answer.error)
  }
  return (
    <section className="lint-detail" aria-label={title}>
      <header>
        <h2>{title}</h2>
        <button
          type="button"
          className="button quiet"
          aria-label="Close the finding"
          onClick={() => void model.lint.select(undefined)}
        >
          <Icon name="close" />
        </button>
      </header>
      <dl>
        <dt>Severity</dt>
        <dd>
          <SeverityMark severity={group.severity} />
        </dd>
        <dt>Requirement</dt>
        <dd>
          {requirements.length === 0
            ? 'none with a number'
            : `${requirements.join(', ')} · ${level} · ${side}`}
        </dd>
        <dt>Expected</dt>
        <dd>{expected}</dd>
        {remedy !== undefined && (
          <>
            <dt>On an OB-USP-A</dt>
            <dd>
              <RemedyLines remedy={remedy} endpoint={group.endpoint} />
            </dd>
          </>
        )}
        <dt>Device</dt>
        <dd className="mono">{group.endpoint}</dd>
        <dt>Do</dt>
        <dd>
          <button type="button" className="button" onClick={() => showPackets(model, id)}>
            Show in Packets
          </button>
          <button type="button" className="button" onClick={() => void suppress()}>
            {group.suppressed ? 'Show this rule again' : 'Suppress this rule'}
          </button>
        </dd>
      </dl>
      <ul className="lint-findings" aria-label="Packets">
        {findings.map(({ no, seen, related }, index) => (
          <li key={index}>
            <PacketLink no={no} />
            <span>
              {seen}
              {related.map((other) => (
                <span key={other} className="dim">
                  {' '}
                  · see <PacketLink no={other} />
                </span>
              ))}
            </span>
          </li>
        ))}
      </ul>
      {left > 0 && <p className="dim">and {count(left)} more of the same, which are counted only</p>}
    </section>
  )
}

function PacketLink({ no }: { no: number }) {
  const model = useModel()
  return (
    <button type="button" className="lint-link number" onClick={() => void jump(model, no)}>
      #{no}
    </button>
  )
}

/** Shows a packet in its list; a filter that hides it is taken away. */
async function jump(model: Model, no: number): Promise<void> {
  const tab = model.packets.current()
  model.goTo('packets')
  if (!(await tab.list.getState().selectKey(no))) {
    tab.setFilter('', true)
    if (!(await tab.list.getState().selectKey(no))) {
      model.notices
        .getState()
        .fail({ code: 'not-found', message: `Packet ${no} is no longer in the capture.` })
      return
    }
  }
  focus('packets-list')
}

function showPackets(model: Model, rule: string): void {
  model.packets.current().setFilter(`lint.rule == "${rule}"`, true)
  model.goTo('packets')
}
