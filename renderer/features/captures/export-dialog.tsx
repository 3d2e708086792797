/** How a capture is written to a file. */
import { useState } from 'react'
import { useStore } from 'zustand'
import type { ExportFormat } from '../../../shared/contract/model.ts'
import { filterFields, findField } from '../../../shared/filter/fields.ts'
import { Dialog, Labelled } from '../../app/dialog.tsx'
import { useModel } from '../../app/model.ts'
import { plural } from '../../ui/format.ts'
import { Switch } from '../../ui/kit.tsx'
import { exportRequest, scopeFault, type Scope } from './export-request.ts'

const formats: readonly (readonly [ExportFormat, title: string, what: string])[] = [
  ['pcapng', 'pcapng', 'Wireshark and this bench open it.'],
  ['jsonl', 'JSON Lines', 'One decoded packet a line, for scripts.'],
  ['csv', 'CSV', 'One packet a line with the columns below, for spreadsheets.'],
  ['bundle', 'Evidence bundle', 'Packets, notes and bench facts in one file, to hand over.'],
]

export function ExportDialog() {
  const model = useModel()
  const capture = useStore(model.captures, (state) => state.exporting)
  const tab = useStore(model.packets, (state) => state.tabs.find((one) => one.capture === capture))
  const title = useStore(model.live, (state) =>
    capture === 'live' ? 'the live capture' : state.captures?.find(({ id }) => id === capture)?.name,
  )
  const [format, setFormat] = useState<ExportFormat>('pcapng')
  const filter = tab?.list.getState().params.filter ?? ''
  const selection = tab?.selection()
  const several = selection !== undefined && selection.to > selection.from
  const [scope, setScope] = useState<Scope>(several ? 'selection' : filter ? 'filter' : 'all')
  const [columns, setColumns] = useState<readonly string[]>([])
  const [secrets, setSecrets] = useState(false)
  const [name, setName] = useState('')
  const [fault, setFault] = useState('')
  const scopes: readonly (readonly [Scope, string, boolean])[] = [
    ['all', 'All packets', true],
    [
      'filter',
      filter ? `Packets that match: ${filter}` : 'Packets that match the filter: none is set',
      filter !== '',
    ],
    ['marked', 'Marked packets', true],
    [
      'selection',
      selection
        ? several
          ? `Selected packets ${selection.from} to ${selection.to}`
          : `The selected packet ${selection.from}`
        : 'Selected packets: none is selected',
      selection !== undefined,
    ],
  ]
  const wish = { capture, format, scope, filter, selection, columns, secrets, name }
  const wrong = scopeFault(wish)
  const start = async () => {
    const answer = await model.captures.startExport(exportRequest(wish))
    if (answer.ok) model.show('none')
    else setFault(answer.error.message)
  }
  return (
    <Dialog
      title={`Export ${title ?? capture}`}
      action={{ title: 'Export', disabled: wrong !== undefined, run: () => void start() }}
    >
      <fieldset className="choices-group">
        <legend>Format</legend>
        {formats.map(([id, label, what]) => (
          <label key={id} className="check">
            <input type="radio" name="format" checked={format === id} onChange={() => setFormat(id)} />
            <span>
              {label} <small className="dim">{what}</small>
            </span>
          </label>
        ))}
      </fieldset>
      <fieldset className="choices-group">
        <legend>Packets</legend>
        {scopes.map(([id, label, possible]) => (
          <label key={id} className="check">
            <input
              type="radio"
              name="scope"
              disabled={!possible}
              checked={scope === id}
              onChange={() => setScope(id)}
            />
            <span className="cut" title={label}>
              {label}
            </span>
          </label>
        ))}
      </fieldset>
      {format === 'csv' && <CsvColumns columns={columns} onChange={setColumns} />}
      <div className="labelled">
        <div className="check">
          <Switch on={secrets} label="With passwords and authentication data" onChange={setSecrets} />
          <span>With passwords and authentication data</span>
        </div>
        <small className={secrets ? 'warn' : 'dim'} role="status">
          {secrets
            ? 'Whoever gets this file can sign in as these devices. Keep it to yourself.'
            : 'They are redacted: the file can be handed over.'}
        </small>
      </div>
      <Labelled label="File name" remark="Without one it is called as the capture.">
        <input
          className="input"
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </Labelled>
      {(fault || wrong) && (
        <p className="bad" role="alert">
          {fault || wrong}
        </p>
      )}
    </Dialog>
  )
}

interface CsvColumnsProps {
  readonly columns: readonly string[]
  readonly onChange: (columns: readonly string[]) => void
}

const MAX_COLUMNS = 100

/** Any field of the filter language; none chosen means those of the packet list. */
function CsvColumns({ columns, onChange }: CsvColumnsProps) {
  const [text, setText] = useState('')
  const field = findField(text.trim())
  const add = () => {
    if (!field || columns.includes(field.name) || columns.length >= MAX_COLUMNS) return
    onChange([...columns, field.name])
    setText('')
  }
  return (
    <div className="labelled">
      <span>Columns</span>
      <div className="file-choice">
        <input
          className="input mono"
          list="csv-fields"
          aria-label="Field to add as a column"
          placeholder="mqtt.topic"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return
            event.preventDefault()
            add()
          }}
        />
        <button type="button" className="button" disabled={!field} onClick={add}>
          Add
        </button>
        <datalist id="csv-fields">
          {filterFields.map(({ name, label }) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </datalist>
      </div>
      {columns.length === 0 ? (
        <small className="dim">None chosen: those of the packet list.</small>
      ) : (
        <ol className="csv-columns">
          {columns.map((name) => (
            <li key={name}>
              <code>{name}</code>
              <button
                type="button"
                className="button quiet"
                aria-label={`Remove ${name}`}
                onClick={() => onChange(columns.filter((other) => other !== name))}
              >
                ×
              </button>
            </li>
          ))}
        </ol>
      )}
      <small className="dim" role="status">
        {columns.length > 0 && plural(columns.length, 'column')}
        {columns.length >= MAX_COLUMNS && ', no more fit'}
      </small>
    </div>
  )
}
