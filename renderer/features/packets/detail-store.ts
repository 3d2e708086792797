/** The packet under the cursor, whole. Asks for one at a time; of those wanted meanwhile only the last. */
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { CaptureId, PacketDetail } from '../../../shared/contract/model.ts'
import type { BenchError } from '../../../shared/contract/result.ts'
import type { Host } from '../../../shared/contract/host.ts'

export interface DetailState {
  /** Packet wanted; undefined when none is selected. */
  readonly no: number | undefined
  /** The packet shown: the wanted one, or the one before it while that is on its way. */
  readonly packet: PacketDetail | undefined
  readonly error: BenchError | undefined
  /** The packet shown is no longer in the capture. */
  readonly gone: boolean
}

export interface DetailStore extends StoreApi<DetailState> {
  readonly load: (no: number | undefined) => void
  /** Looks whether the packet shown still is in the capture, and reads remarks made since. */
  readonly check: () => void
}

export function createDetail(host: Host, capture: CaptureId): DetailStore {
  const store = createStore<DetailState>(() => ({
    no: undefined,
    packet: undefined,
    error: undefined,
    gone: false,
  }))
  let busy = false
  let again = false

  async function read(): Promise<void> {
    if (busy) {
      again = true
      return
    }
    const { no } = store.getState()
    if (no === undefined) return
    busy = true
    const answer = await host.call('packets.get', { capture, no })
    busy = false
    const state = store.getState()
    if (state.no === no) {
      if (answer.ok) store.setState({ packet: answer.value, error: undefined, gone: false })
      else if (answer.error.code === 'not-found' && state.packet?.row.no === no)
        store.setState({ gone: true })
      else store.setState({ packet: undefined, error: answer.error, gone: false })
    }
    if (again) {
      again = false
      void read()
    }
  }

  return Object.assign(store, {
    load(no: number | undefined) {
      if (no === store.getState().no) return
      if (no === undefined) store.setState({ no, packet: undefined, error: undefined, gone: false })
      else {
        store.setState({ no, error: undefined, gone: false })
        void read()
      }
    },
    check: () => void read(),
  })
}
