/** Saved messages and what was sent, as the bench keeps them. */
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Host } from '../../../shared/contract/host.ts'
import type { BenchError } from '../../../shared/contract/result.ts'
import type { SavedMessages, SentMessage } from '../../../shared/contract/saved-messages.ts'

export interface LibraryState {
  readonly shelf: 'saved' | 'sent'
  readonly search: string
  /** Undefined until told. */
  readonly saved: SavedMessages | undefined
  readonly sent: readonly SentMessage[]
  readonly error: BenchError | undefined
}

export interface Library extends StoreApi<LibraryState> {
  readonly setSearch: (search: string) => void
  readonly refresh: () => Promise<void>
  readonly close: () => void
}

const TYPING_PAUSE = 150

export function createLibrary(host: Host): Library {
  const store = createStore<LibraryState>(() => ({
    shelf: 'saved',
    search: '',
    saved: undefined,
    sent: [],
    error: undefined,
  }))
  let typing: ReturnType<typeof setTimeout> | undefined
  const refresh = async (): Promise<void> => {
    const { search } = store.getState()
    const [saved, sent] = await Promise.all([
      host.call('messages.list', { text: search }),
      host.call('messages.history', undefined),
    ])
    if (search !== store.getState().search) return
    store.setState({
      ...(saved.ok ? { saved: saved.value, error: undefined } : { error: saved.error }),
      ...(sent.ok && { sent: sent.value }),
    })
  }
  return Object.assign(store, {
    setSearch(search: string) {
      clearTimeout(typing)
      store.setState({ search })
      typing = setTimeout(() => void refresh(), TYPING_PAUSE)
    },
    refresh,
    close: () => clearTimeout(typing),
  })
}
