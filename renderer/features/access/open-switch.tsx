/** The one switch that opens the bench to everybody. */
import { useId, useState } from 'react'
import { useStore } from 'zustand'
import { useModel } from '../../app/model.ts'
import { State, Switch } from '../../ui/kit.tsx'

export function OpenSwitch() {
  const model = useModel()
  const open = useStore(model.live, (state) => state.access?.open === true)
  const [busy, setBusy] = useState(false)
  const id = useId()
  const set = async (wanted: boolean) => {
    setBusy(true)
    await model.run('access.setOpen', { open: wanted })
    setBusy(false)
  }
  return (
    <span className={`open-switch ${open ? 'is-open' : ''}`}>
      <span id={id}>
        <State tone={open ? 'bad' : 'ok'}>
          {open ? (
            <b className="bad">Open: whoever reaches a listener may do everything</b>
          ) : (
            'Closed: users and rules hold'
          )}
        </State>
      </span>
      <label className="dim">
        Open bench{' '}
        <Switch on={open} label="Open bench" disabled={busy} onChange={(wanted) => void set(wanted)} />
      </label>
    </span>
  )
}
