/** Going to a packet by its number. */
import { useState } from 'react'
import { Dialog, Labelled } from '../../app/dialog.tsx'
import { focus } from '../../app/command.ts'
import { useModel } from '../../app/model.ts'
import { useTab } from './use-tab.ts'
import { Alert } from '../../ui/kit.tsx'

export function GotoDialog() {
  const model = useModel()
  const tab = useTab()
  const [text, setText] = useState('')
  const [fault, setFault] = useState('')
  const wanted = text.replaceAll(/[,\s]/g, '')
  const valid = /^\d{1,15}$/.test(wanted)
  const go = async () => {
    const no = Number(wanted)
    if (await tab.list.getState().selectKey(no)) {
      model.show('none')
      focus('packets-list')
      return
    }
    const { filter } = tab.list.getState().params
    setFault(
      `Packet ${no} is not in the list: ${filter ? 'the filter hides it, or ' : ''}it is not in the capture.`,
    )
  }
  return (
    <Dialog title="Go to packet" action={{ title: 'Go', disabled: !valid, run: () => void go() }}>
      <Labelled label="Number">
        <input
          className="input number"
          inputMode="numeric"
          value={text}
          aria-invalid={fault !== ''}
          onChange={(event) => {
            setText(event.target.value)
            setFault('')
          }}
        />
      </Labelled>
      <Alert text={fault} />
    </Dialog>
  )
}
