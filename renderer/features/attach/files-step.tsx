/** The configuration in every form, and the certificate files that go with it. */
import { useState } from 'react'
import { useStore } from 'zustand'
import { attachForms, attachOutput, formTitle, type AttachForm } from '../../../shared/attach/outputs.ts'
import type { AttachTarget } from '../../../shared/attach/parameters.ts'
import { deliver, saveText } from '../../app/deliver.ts'
import { useModel } from '../../app/model.ts'
import { CopyButton, Tabs } from '../../ui/kit.tsx'
import type { Made } from './draft.ts'

export function FilesStep({ target, made }: { target: AttachTarget; made: Made }) {
  const model = useModel()
  const [form, setForm] = useState<AttachForm>('file')
  const { text, file } = attachOutput(target, form)
  return (
    <>
      <h3>Load this into the device</h3>
      {made.way === 'password' && (
        <p>
          The password of {made.username} stands in these lines. It is shown this once: when this is closed
          nobody can read it again, only make a new one.
        </p>
      )}
      <span className="attach-forms">
        <Tabs
          label="Form of the configuration"
          tabs={attachForms.map((one) => [one, formTitle(one)] as const)}
          selected={form}
          onSelect={setForm}
        />
        <span className="buttons">
          <CopyButton text={text} label="Copy all lines" className="">
            Copy
          </CopyButton>
          <button type="button" className="button" onClick={() => void saveText(model, file, text)}>
            Save
          </button>
        </span>
      </span>
      <pre className="code" tabIndex={0} aria-label="Configuration of the device">
        {text}
      </pre>
      {target.transport === 'tls' && <Certificates made={made} />}
    </>
  )
}

function Certificates({ made }: { made: Made }) {
  const { host, live, notices } = useModel()
  const authority = useStore(live, (state) => state.certificates?.authorityFile)
  const save = async (file: string) => {
    const answer = await deliver(host, [file])
    if (!answer.ok) notices.getState().fail(answer.error)
  }
  const files = [
    ...(authority === undefined
      ? []
      : [['lab-ca.pem', 'the authority of this lab (-t)', authority] as const]),
    ...(made.way === 'certificate'
      ? [['device.pem', 'certificate and key of this device (-a); a secret', made.file] as const]
      : []),
  ]
  return (
    <ul className="wizard-files" aria-label="Files for TLS">
      {files.map(([name, words, path]) => (
        <li key={name}>
          <button type="button" className="button" onClick={() => void save(path)}>
            Save {name}
          </button>
          <span className="dim">{words}</span>
        </li>
      ))}
    </ul>
  )
}
