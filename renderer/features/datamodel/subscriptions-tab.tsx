/** Subscriptions on the device, of every controller. */
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import type { ModelSubscription } from '../../../shared/contract/data-model.ts'
import type { Result } from '../../../shared/contract/result.ts'
import { useModel } from '../../app/model.ts'
import { ConfirmButton, Empty } from '../../ui/kit.tsx'

interface Answer {
  readonly endpointId: string
  readonly found: Result<readonly ModelSubscription[]>
}

export function SubscriptionsTab() {
  const model = useModel()
  const { host, dataModel } = model
  const endpointId = useStore(dataModel, (state) => state.endpointId)
  const [answer, setAnswer] = useState<Answer>()
  /** Counts how often it was asked for. */
  const [asked, setAsked] = useState(0)
  useEffect(() => {
    let over = false
    const read = async () => {
      if (endpointId === undefined) return
      const found = await host.call('model.subscriptions', { endpointId })
      if (!over) setAnswer({ endpointId, found })
    }
    void read()
    return () => {
      over = true
    }
  }, [host, endpointId, asked])
  const read = () => setAsked(asked + 1)
  const found = answer?.endpointId === endpointId ? answer?.found : undefined

  if (endpointId === undefined)
    return <Empty>Choose a device above: its subscriptions then stand here.</Empty>
  if (!found) return <Empty>Asking the device…</Empty>
  const again = (
    <button type="button" className="button" onClick={read}>
      Read again
    </button>
  )
  if (!found.ok) return <Empty action={again}>{found.error.message}</Empty>
  if (found.value.length === 0)
    return (
      <Empty action={again}>
        The device has no subscriptions: it tells nothing unasked. In the tree, the key s subscribes to a
        line.
      </Empty>
    )
  const remove = async (path: string) => {
    if (await model.run('model.unsubscribe', { endpointId, path })) read()
  }
  return (
    <div className="model-table-pane">
      <div className="filter-bar">
        <span className="dim">Those that the bench made itself end with it.</span>
        <span className="spacer" />
        {again}
      </div>
      <div className="model-scroll">
        <table className="model-table">
          <thead>
            <tr>
              {['Row', 'ID', 'Enabled', 'Kind', 'About', 'Recipient', 'Persistent', 'Retries', ''].map(
                (title) => (
                  <th key={title}>{title}</th>
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {found.value.map((one) => (
              <tr key={one.path}>
                <td className="number">{one.path.split('.').at(-2)}</td>
                <td>{one.id}</td>
                <td>{yes(one.enabled)}</td>
                <td>{one.kind}</td>
                <td className="mono">{one.references.join(', ')}</td>
                <td className="mono">{one.recipient}</td>
                <td>{yes(one.persistent)}</td>
                <td>{yes(one.notifyRetry)}</td>
                <td>
                  <ConfirmButton question="Delete it on the device?" onConfirm={() => void remove(one.path)}>
                    Delete
                  </ConfirmButton>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  )
}

const yes = (on: boolean): string => (on ? 'yes' : 'no')
