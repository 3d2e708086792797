/** Finding packets without filtering: the list stays whole, the cursor goes from match to match. */
import { useStore } from 'zustand'
import { useModel } from '../../app/model.ts'
import { FilterEditor } from '../../filter/filter-editor.tsx'
import { Icon, Keys } from '../../ui/kit.tsx'
import { sayFound } from './actions.ts'
import { useTab } from './use-tab.ts'

export function FindBar() {
  const model = useModel()
  const tab = useTab()
  const open = useStore(tab, (state) => state.findOpen)
  const text = useStore(tab, (state) => state.find)
  if (!open) return null
  const close = () => {
    tab.setState({ findOpen: false })
    document.getElementById('packets-list')?.focus()
  }
  const go = (direction: 'next' | 'previous') => {
    if (text.trim()) void sayFound(model, tab, text, direction)
  }
  return (
    <div className="filter-bar find-bar" role="search" aria-label="Find packets">
      <FilterEditor
        id="packets-find"
        label="Find packets"
        placeholder="Find: words or an expression; the list stays whole"
        value={text}
        capture={tab.capture}
        autoFocus
        onChange={(find) => tab.setState({ find })}
        onEnter={() => go('next')}
        onLeave={close}
      />
      <button type="button" className="button" onClick={() => go('next')} disabled={!text.trim()}>
        Next <Keys chord="f3" />
      </button>
      <button type="button" className="button" onClick={() => go('previous')} disabled={!text.trim()}>
        Previous <Keys chord="shift+f3" />
      </button>
      <button type="button" className="button quiet" aria-label="Close the find bar" onClick={close}>
        <Icon name="close" />
      </button>
    </div>
  )
}
