/** Ending the live capture and beginning another. */
import { useState } from 'react'
import { useStore } from 'zustand'
import { Dialog, Labelled } from '../../app/dialog.tsx'
import { useModel } from '../../app/model.ts'
import { plural } from '../../ui/format.ts'

export function NewCaptureDialog() {
  const model = useModel()
  const rows = useStore(model.live, (state) => state.capture?.rows ?? 0)
  const [name, setName] = useState('')
  const start = async () => {
    const done = await model.run('captures.start', name.trim() ? { name: name.trim() } : {})
    if (done) model.show('none')
  }
  return (
    <Dialog title="New capture" action={{ title: 'Start', run: () => void start() }}>
      <p>
        The live capture ends with {plural(rows, 'packet')} and stays in the list of captures; recording goes
        on in a new one. Nothing that comes in between is lost.
      </p>
      <Labelled label="Name of the new capture" remark="Without one it is called by its start.">
        <input
          className="input"
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </Labelled>
    </Dialog>
  )
}
