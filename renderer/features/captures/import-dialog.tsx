/** Importing a capture of another tool, with the key log that opens its TLS where it has any. */
import { useRef, useState } from 'react'
import { useStore } from 'zustand'
import { Dialog, Labelled } from '../../app/dialog.tsx'
import { useModel } from '../../app/model.ts'
import { size } from '../../ui/format.ts'
import { Alert, Icon } from '../../ui/kit.tsx'
import { noImport, type ImportFile, type ImportWish } from './store.ts'

export function ImportDialog() {
  const model = useModel()
  const { captures } = model
  const { file } = useStore(captures, (state) => state.importing)
  const uploading = useStore(captures, (state) => state.uploading)
  const [name, setName] = useState('')
  const [fault, setFault] = useState('')
  const start = async () => {
    setFault('')
    const answer = await captures.startImport(name)
    if (answer.ok) model.show('none')
    else setFault(answer.error.message)
  }
  return (
    <Dialog
      title="Import a capture"
      action={{ title: 'Import', disabled: !file || uploading !== undefined, run: () => void start() }}
    >
      <FileChoice
        part="file"
        label="Capture"
        remark="pcap or pcapng, packed with gzip or not, or an evidence bundle of this bench. MQTT on any port, also over WebSocket."
        accept=".pcap,.pcapng,.cap,.gz,.zip"
      />
      <FileChoice
        part="keyLog"
        label="TLS key log, where the traffic is encrypted"
        remark="The file named by SSLKEYLOGFILE. Keys inside a pcapng are used by themselves."
        accept=".log,.txt,.keys,.keylog"
      />
      <Labelled label="Name" remark="Without one it is called as its file.">
        <input
          className="input"
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </Labelled>
      {uploading && (
        <p role="status">
          Sending {uploading.name} <progress max={1} value={uploading.part} />
        </p>
      )}
      <Alert text={fault} />
    </Dialog>
  )
}

const purposes = { file: 'capture', keyLog: 'key-log' } as const

interface FileChoiceProps {
  readonly part: keyof ImportWish
  readonly label: string
  readonly remark: string
  readonly accept: string
}

/** The desktop asks with its own dialog; a browser with the file field, which sends the file when it is imported. */
function FileChoice({ part, label, remark, accept }: FileChoiceProps) {
  const { captures, host, live, notices } = useModel()
  const input = useRef<HTMLInputElement>(null)
  const chosen = useStore(captures, (state) => state.importing[part])
  const desktop = useStore(live, (state) => state.bench?.host === 'desktop')
  const set = (file: ImportFile | undefined) =>
    captures.setState(({ importing }) => ({ importing: { ...importing, [part]: file } }))
  const choose = async () => {
    if (!desktop) return input.current?.click()
    const answer = await host.call('host.chooseFile', { purpose: purposes[part] })
    if (!answer.ok) notices.getState().fail(answer.error)
    else if (answer.value.path !== undefined)
      set({ name: answer.value.path.split(/[\\/]/).at(-1) ?? answer.value.path, path: answer.value.path })
  }
  return (
    <div className="labelled" role="group" aria-label={label}>
      <span>{label}</span>
      <div className="file-choice">
        <button type="button" className="button" onClick={() => void choose()}>
          Choose…
        </button>
        <span className="cut">
          {chosen ? chosen.name : <span className="dim">none</span>}
          {chosen && 'file' in chosen && <span className="dim"> {size(chosen.file.size)}</span>}
        </span>
        {chosen && (
          <button
            type="button"
            className="button quiet"
            aria-label={`Do not use ${chosen.name}`}
            onClick={() => set(noImport[part])}
          >
            <Icon name="close" />
          </button>
        )}
        <input
          ref={input}
          type="file"
          hidden
          accept={accept}
          onChange={(event) => {
            const file = event.target.files?.[0]
            if (file) set({ name: file.name, file })
            // The same file can be chosen again after it was put away.
            event.target.value = ''
          }}
        />
      </div>
      <small className="dim">{remark}</small>
    </div>
  )
}
