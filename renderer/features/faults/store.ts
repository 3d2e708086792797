/** The fault that is being written down or changed. */
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Host } from '../../../shared/contract/host.ts'
import type { BenchError } from '../../../shared/contract/result.ts'
import type { FaultRow } from '../../../shared/contract/faults.ts'
import type { Fault } from '../../../shared/faults/model.ts'

export interface FaultsEditorState {
  /** Undefined while none is open. */
  readonly draft: Fault | undefined
  /** Of the fault that is changed; undefined for a new one. */
  readonly id: string | undefined
  readonly error: BenchError | undefined
}

export interface FaultsModel extends StoreApi<FaultsEditorState> {
  readonly begin: (fault: Fault) => void
  readonly change: (row: FaultRow) => void
  readonly edit: (fault: Fault) => void
  readonly leave: () => void
  /** Answers whether the bench took it. */
  readonly save: () => Promise<boolean>
}

export function createFaults(host: Host): FaultsModel {
  const nothing = { draft: undefined, id: undefined, error: undefined }
  const store = createStore<FaultsEditorState>(() => nothing)
  return Object.assign(store, {
    begin: (draft: Fault) => store.setState({ ...nothing, draft }),
    change: ({ id, fault }: FaultRow) => store.setState({ ...nothing, draft: fault, id }),
    edit: (draft: Fault) => store.setState({ draft, error: undefined }),
    leave: () => store.setState(nothing),
    async save() {
      const { draft, id } = store.getState()
      if (!draft) return false
      const answer =
        id === undefined
          ? await host.call('faults.add', { fault: draft })
          : await host.call('faults.change', { id, fault: draft })
      if (answer.ok) store.setState(nothing)
      else store.setState({ error: answer.error })
      return answer.ok
    },
  })
}
