/** Filters kept under a name. */
import { useState } from 'react'
import { useStore } from 'zustand'
import { MAX_LOOK } from '../../../shared/contract/look.ts'
import { Dialog } from '../../app/dialog.tsx'
import { useModel } from '../../app/model.ts'
import { Icon } from '../../ui/kit.tsx'
import { useTab } from './use-tab.ts'
import './dialogs.css'

export function SavedDialog() {
  const { look, show } = useModel()
  const tab = useTab()
  const saved = useStore(look, (state) => state.savedFilters)
  const filter = useStore(tab, (state) => state.filter.trim())
  const [name, setName] = useState('')
  const set = look.setFilters
  const full = saved.length >= MAX_LOOK
  const known = saved.some((entry) => entry.name === name.trim())
  const save = () => {
    const others = saved.filter((entry) => entry.name !== name.trim())
    set([...others, { name: name.trim(), filter }])
    setName('')
  }
  return (
    <Dialog
      title="Saved filters"
      {...(filter && {
        action: {
          title: known ? 'Replace' : 'Save',
          again: true,
          disabled: !name.trim() || (full && !known),
          run: save,
        },
      })}
    >
      {filter ? (
        <div className="saved-new">
          <input
            className="input"
            aria-label="Name of the filter"
            placeholder={full ? `At most ${MAX_LOOK} are kept` : 'Name for the filter of the list'}
            maxLength={200}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <code className="cut" title={filter}>
            {filter}
          </code>
        </div>
      ) : (
        <p className="dim">Type a filter above the list first; here it gets a name.</p>
      )}
      <ul className="saved-list">
        {saved.map((entry) => (
          <li key={entry.name}>
            <button
              type="button"
              className="link cut"
              onClick={() => {
                tab.setFilter(entry.filter, true)
                show('none')
              }}
            >
              {entry.name}
            </button>
            <code className="cut" title={entry.filter}>
              {entry.filter}
            </code>
            <button
              type="button"
              className="button quiet"
              aria-label={`Remove ${entry.name}`}
              onClick={() => set(saved.filter((other) => other !== entry))}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}
