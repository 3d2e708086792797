/**
 * How packets are looked at, as the workspace holds it: saved filters, colouring rules, content views of topics.
 * What is changed here is seen at once and written when the typing pauses.
 */
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Host } from '../../../shared/contract/host.ts'
import { MAX_LOOK, type ColourRule, type LookState, type SavedFilter } from '../../../shared/contract/look.ts'
import type { Result } from '../../../shared/contract/result.ts'
import type { NoticesStore } from '../../app/notices.ts'
import type { SettingsStore } from '../../app/settings.ts'

export interface Look extends StoreApi<LookState> {
  readonly setFilters: (savedFilters: SavedFilter[]) => void
  readonly setColours: (colourRules: ColourRule[]) => void
  /** Shows payloads of these topics with a content view; without one, with the best. Answers the error, if any. */
  readonly setContent: (filter: string, view: string | undefined) => Promise<Result<void>>
  readonly close: () => void
}

type Part = 'savedFilters' | 'colourRules'

/** Milliseconds without a change after which it is written. */
const PAUSE = 300

export function createLook(host: Host, settings: SettingsStore, notices: NoticesStore): Look {
  const store = createStore<LookState>(() => ({ contents: [], savedFilters: [], colourRules: [] }))
  const send: { readonly [P in Part]: () => Promise<Result<void>> } = {
    savedFilters: () => host.call('look.setFilters', { savedFilters: store.getState().savedFilters }),
    colourRules: () => host.call('look.setColours', { colourRules: store.getState().colourRules }),
  }
  /** Changed here and not yet known to the bench: what it says of these is of the past. */
  const ahead = new Map<Part, ReturnType<typeof setTimeout> | 'sent'>()

  function change(part: Part, value: Partial<LookState>): void {
    store.setState(value)
    const timer = ahead.get(part)
    if (timer !== 'sent') clearTimeout(timer)
    ahead.set(
      part,
      setTimeout(() => void write(part), PAUSE),
    )
  }
  async function write(part: Part): Promise<void> {
    ahead.set(part, 'sent')
    const answer = await send[part]()
    // Changed again meanwhile: that is written next.
    if (ahead.get(part) === 'sent') ahead.delete(part)
    if (!answer.ok) notices.getState().fail(answer.error)
  }
  const end = host.on('look', ({ contents, savedFilters, colourRules }) => {
    store.setState({
      contents,
      ...(!ahead.has('savedFilters') && { savedFilters }),
      ...(!ahead.has('colourRules') && { colourRules }),
    })
    bringOld()
  })

  /** Earlier versions kept filters and colours in this browser: they move to the workspace, once. */
  function bringOld(): void {
    const old = settings.getState()
    if (old.savedFilters.length + old.colourRules.length === 0) return
    const { savedFilters, colourRules } = store.getState()
    const newFilters = old.savedFilters.filter(
      ({ name }) => !savedFilters.some((known) => known.name === name),
    )
    const newRules = old.colourRules.filter(
      ({ filter }) => !colourRules.some((known) => known.filter === filter),
    )
    settings.getState().set({ savedFilters: [], colourRules: [] })
    if (newFilters.length > 0)
      change('savedFilters', { savedFilters: [...savedFilters, ...newFilters].slice(0, MAX_LOOK) })
    if (newRules.length > 0)
      change('colourRules', { colourRules: [...colourRules, ...newRules].slice(0, MAX_LOOK) })
  }

  return Object.assign(store, {
    setFilters: (savedFilters: SavedFilter[]) => change('savedFilters', { savedFilters }),
    setColours: (colourRules: ColourRule[]) => change('colourRules', { colourRules }),
    setContent: (filter: string, view: string | undefined) =>
      host.call('look.setContent', view === undefined ? { filter } : { filter, view }),
    close() {
      end()
      for (const timer of ahead.values()) if (timer !== 'sent') clearTimeout(timer)
    },
  })
}
