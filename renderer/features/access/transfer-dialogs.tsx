/** Rules from other brokers and for them; what could not be said there is listed. */
import { useEffect, useState } from 'react'
import type { EndpointAs } from '../../../shared/acl/formats/report.ts'
import { ACL_LIMITS } from '../../../shared/acl/model.ts'
import type { AclFormat } from '../../../shared/contract/access.ts'
import type { BenchError } from '../../../shared/contract/result.ts'
import { Dialog } from '../../app/dialog.tsx'
import { useModel } from '../../app/model.ts'
import { count, plural } from '../../ui/format.ts'
import { CopyButton } from '../../ui/kit.tsx'
import { Choice } from '../../ui/choice.tsx'
import { FieldRow } from './fields.tsx'
import { listValue } from './rules.ts'

const formats = [
  ['mosquitto', 'Mosquitto acl_file'],
  ['emqx', 'EMQX acl.conf'],
  ['hivemq', 'HiveMQ file RBAC'],
] as const satisfies readonly (readonly [AclFormat, string])[]

const hows = [
  ['replace', 'instead of the rules'],
  ['append', 'after the rules'],
] as const

export function ImportDialog() {
  const { host, access, show } = useModel()
  const [format, setFormat] = useState<AclFormat>('mosquitto')
  const [how, setHow] = useState<'replace' | 'append'>('replace')
  const [text, setText] = useState('')
  const [error, setError] = useState<BenchError>()
  const [done, setDone] = useState<{ rules: number; remarks: readonly string[] }>()
  const tooLong = text.length > ACL_LIMITS.file
  const run = async () => {
    const answer = await host.call('access.rules.import', { format, text })
    if (!answer.ok) return setError(answer.error)
    const { list, remarks } = answer.value
    if (list.rules.length > 0) access.take(list.rules, how)
    setError(undefined)
    if (remarks.length === 0 && list.rules.length > 0) show('none')
    else setDone({ rules: list.rules.length, remarks })
  }
  if (done)
    return (
      <Dialog title="Imported rules">
        <p>
          {done.rules === 0
            ? 'No rule could be read; the draft is as it was.'
            : `${plural(done.rules, 'rule')} ${done.rules === 1 ? 'is' : 'are'} in the draft: look at ${done.rules === 1 ? 'it' : 'them'}, then save.`}
        </p>
        <Remarks remarks={done.remarks} />
      </Dialog>
    )
  return (
    <Dialog
      title="Import rules"
      action={{ title: 'Into the draft', disabled: !text.trim() || tooLong, run: () => void run() }}
    >
      <FieldRow label="Format">
        {() => <Choice label="Format" options={formats} value={format} onChange={setFormat} />}
      </FieldRow>
      <FieldRow label="Put them">
        {() => <Choice label="Where the rules go" options={hows} value={how} onChange={setHow} />}
      </FieldRow>
      <FileInput onText={setText} />
      <textarea
        className="input mono transfer-text"
        rows={14}
        spellCheck={false}
        autoFocus
        aria-label="Text to import"
        placeholder="Paste the file here, or choose it above"
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      {(tooLong || error) && (
        <p className="bad" role="alert">
          {tooLong ? `The text is longer than ${count(ACL_LIMITS.file)} characters.` : error?.message}
        </p>
      )}
    </Dialog>
  )
}

/** Reads a chosen file as text; a very large one is not read at all. */
export function FileInput({ onText }: { onText: (text: string) => void }) {
  const [problem, setProblem] = useState<string>()
  const read = async (file: File | undefined) => {
    if (!file) return
    if (file.size > 4 * ACL_LIMITS.file) return setProblem(`${file.name} is too large to be such a file.`)
    setProblem(undefined)
    onText(await file.text())
  }
  return (
    <FieldRow label="File" fault={problem}>
      {(described) => (
        <input type="file" onChange={({ target }) => void read(target.files?.[0])} {...described} />
      )}
    </FieldRow>
  )
}

const endpointChoices = [
  ['username', 'is the user name'],
  ['clientid', 'is the client ID'],
] as const satisfies readonly (readonly [EndpointAs, string])[]

const endpointRemarks: Readonly<Record<EndpointAs, string>> = {
  username:
    'Other brokers know no endpoint ID. The password vouches for a user name: right where each device has its endpoint ID as its user name, as in the Oktopus flow.',
  clientid:
    'Other brokers know no endpoint ID. A device chooses its client ID itself: safe only where that broker ties it to the user or the certificate.',
}

export function ExportDialog() {
  const { host, access } = useModel()
  const [format, setFormat] = useState<AclFormat>('mosquitto')
  const [endpointAs, setEndpointAs] = useState<EndpointAs>('username')
  const [exported, setExported] = useState<{ text: string; remarks: readonly string[] }>()
  const [error, setError] = useState<BenchError>()
  const drafted = access.getState().draft !== undefined && access.difference().count > 0
  useEffect(() => {
    let gone = false
    const list = drafted ? { list: listValue(0, access.rules()) } : {}
    void host.call('access.rules.export', { format, endpointAs, ...list }).then((answer) => {
      if (gone) return
      setExported(answer.ok ? answer.value : undefined)
      setError(answer.ok ? undefined : answer.error)
    })
    return () => {
      gone = true
    }
  }, [host, access, format, endpointAs, drafted])
  return (
    <Dialog title={drafted ? 'Export the draft' : 'Export the rules'}>
      <div className="export-head">
        <Choice label="Format" options={formats} value={format} onChange={setFormat} />
        {exported && (
          <CopyButton text={exported.text} label="Copy the file" className="main">
            Copy all
          </CopyButton>
        )}
      </div>
      <FieldRow label="Endpoint ID" below={<span className="dim">{endpointRemarks[endpointAs]}</span>}>
        {() => (
          <Choice
            label="What stands for the endpoint ID"
            options={endpointChoices}
            value={endpointAs}
            onChange={setEndpointAs}
          />
        )}
      </FieldRow>
      {error && (
        <p className="bad" role="alert">
          {error.message}
        </p>
      )}
      {exported && (
        <>
          <pre className="code" tabIndex={0} aria-label="Exported file">
            {exported.text}
          </pre>
          <Remarks remarks={exported.remarks} />
        </>
      )}
    </Dialog>
  )
}

export function Remarks({ remarks }: { remarks: readonly string[] }) {
  if (remarks.length === 0) return <p className="dim">Everything could be said.</p>
  return (
    <section className="transfer-remarks" aria-label="Remarks">
      <h3>
        What could not be said the same <span className="dim number">{count(remarks.length)}</span>
      </h3>
      <ul>
        {remarks.map((text, index) => (
          <li key={index}>{text}</li>
        ))}
      </ul>
    </section>
  )
}
