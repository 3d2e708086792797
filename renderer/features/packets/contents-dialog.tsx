/** The content views chosen for topics: seen, changed, added and taken back. */
import { useState } from 'react'
import { useStore } from 'zustand'
import { contentViews } from '../../../shared/dissect/content/views.ts'
import { Dialog } from '../../app/dialog.tsx'
import { useModel } from '../../app/model.ts'
import { Alert, Icon } from '../../ui/kit.tsx'
import { AUTO, viewLabel } from './content-menu.tsx'
import './dialogs.css'

const viewIds = [...contentViews.map(({ id }) => id), AUTO]

export function ContentsDialog() {
  const { look } = useModel()
  const contents = useStore(look, (state) => state.contents)
  const [filter, setFilter] = useState('')
  const [view, setView] = useState('json')
  const [fault, setFault] = useState('')
  const set = async (topics: string, chosen: string | undefined) => {
    const answer = await look.setContent(topics, chosen)
    setFault(answer.ok ? '' : answer.error.message)
    return answer.ok
  }
  const add = async () => {
    if (await set(filter.trim(), view)) setFilter('')
  }
  return (
    <Dialog
      title="Views of topics"
      action={{ title: 'Add', again: true, disabled: !filter.trim(), run: () => void add() }}
    >
      <p className="dim">
        A payload is shown by the view that fits it best, unless one is chosen here for its topic. Of several
        filters the most exact one counts. Filters, the detail and CSV exports read payloads the same way.
      </p>
      <div className="content-choice">
        <input
          className="input mono"
          aria-label="Topic filter"
          placeholder="telemetry/+/state or vendor/#"
          spellCheck={false}
          maxLength={65_535}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <ViewSelect label="View" view={view} onChange={setView} />
      </div>
      <Alert text={fault} />
      <ul className="saved-list">
        {contents.map((choice) => (
          <li key={choice.filter} className="content-choice">
            <code className="cut" title={choice.filter}>
              {choice.filter}
            </code>
            <ViewSelect
              label={`View of ${choice.filter}`}
              view={choice.view}
              onChange={(id) => void set(choice.filter, id)}
            />
            <button
              type="button"
              className="button quiet"
              aria-label={`Remove ${choice.filter}`}
              onClick={() => void set(choice.filter, undefined)}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}

interface ViewSelectProps {
  readonly label: string
  readonly view: string
  readonly onChange: (view: string) => void
}

function ViewSelect({ label, view, onChange }: ViewSelectProps) {
  return (
    <select
      className="input"
      aria-label={label}
      value={view}
      onChange={(event) => onChange(event.target.value)}
    >
      {viewIds.map((id) => (
        <option key={id} value={id}>
          {viewLabel(id)}
        </option>
      ))}
    </select>
  )
}
