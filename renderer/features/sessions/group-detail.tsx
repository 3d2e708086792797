/** The members of a shared subscription, and what each took of its messages. */
import { useStore } from 'zustand'
import type { GroupMember, SharedGroupRow } from '../../../shared/contract/sessions.ts'
import { useModel } from '../../app/model.ts'
import { count } from '../../ui/format.ts'
import { CopyButton, State } from '../../ui/kit.tsx'
import { balanceText, lagText, shareOf } from './words.ts'

export function GroupDetail() {
  const { sessions } = useModel()
  const group = useStore(sessions, (state) => state.group)
  if (!group) return null
  const { key, members, unlisted } = group
  return (
    <section className="session-detail" id="session-detail" aria-label={`Shared group ${key}`} tabIndex={-1}>
      <header className="session-caption">
        <b className="mono cut" title={key}>
          {key}
        </b>
        <CopyButton text={key} label="Copy the shared filter" />
        <span className="spacer" />
        <span className="dim number">
          {lagText(group)} · {balanceText(group)}
        </span>
      </header>
      <div className="session-scroll">
        <table className="session-table">
          <thead>
            <tr>
              <th>Client ID</th>
              <th>State</th>
              <th>Share of the messages</th>
              <th className="right">Delivered</th>
              <th className="right">Acknowledged</th>
              <th className="right">In flight</th>
              <th className="right">QoS</th>
            </tr>
          </thead>
          <tbody className="number">
            {members.map((member) => (
              <MemberLine key={member.clientId} member={member} group={group} />
            ))}
          </tbody>
        </table>
        {unlisted > 0 && <p className="dim session-note">{count(unlisted)} more members are not listed.</p>}
      </div>
    </section>
  )
}

function MemberLine({ member, group }: { member: GroupMember; group: SharedGroupRow }) {
  const { sessions, notices } = useModel()
  const { clientId, connected, delivered, acknowledged, inflight, qos } = member
  const share = shareOf(member, group)
  const show = async () => {
    if (await sessions.show(clientId)) return
    const message = `The broker holds no session of “${clientId}” any more.`
    notices.getState().fail({ code: 'not-found', message })
  }
  return (
    <tr>
      <td>
        <button type="button" className="link" onClick={() => void show()}>
          {clientId}
        </button>
      </td>
      <td>
        <State tone={connected ? 'ok' : 'off'}>{connected ? 'connected' : 'away'}</State>
      </td>
      <td>
        <span className="session-share">
          <meter min={0} max={1} value={share} aria-label={`Share of ${clientId}`} />
          {Math.round(share * 100)} %
        </span>
      </td>
      <td className="right">{count(delivered)}</td>
      <td className="right">{qos === 0 ? <span className="dim">QoS 0</span> : count(acknowledged)}</td>
      <td className="right">{count(inflight)}</td>
      <td className="right">{qos}</td>
    </tr>
  )
}
