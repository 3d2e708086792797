/** The supported model by which paths are completed and checked: that of the first device chosen. */
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { SupportedModel } from '../../../shared/contract/data-model.ts'
import type { Host } from '../../../shared/contract/host.ts'
import type { BenchError } from '../../../shared/contract/result.ts'
import { SupportedIndex, type KnownRows } from '../../../shared/usp/dm/supported-index.ts'

export interface DeviceModelState {
  readonly endpointId: string | undefined
  readonly model: SupportedModel | undefined
  /** Of the model. */
  readonly index: SupportedIndex | undefined
  /** `absent`: it was never read. */
  readonly state: 'none' | 'loading' | 'reading' | 'ready' | 'absent'
  readonly error: BenchError | undefined
}

export interface DeviceModel extends StoreApi<DeviceModelState> {
  readonly choose: (endpointId: string | undefined) => void
  /** Asks the device for it. */
  readonly read: () => Promise<void>
  readonly stop: () => void
}

/** Rows of a device, as far as the page knows them. */
export type RowsOf = (endpointId: string) => KnownRows

const none: DeviceModelState = {
  endpointId: undefined,
  model: undefined,
  index: undefined,
  state: 'none',
  error: undefined,
}

export function createDeviceModel(host: Host, rowsOf: RowsOf): DeviceModel {
  const store = createStore<DeviceModelState>(() => none)
  let call: string | undefined
  const take = (endpointId: string, model: SupportedModel) => {
    if (store.getState().endpointId !== endpointId) return
    const index = new SupportedIndex(model.objects, { failures: model.failures, rows: rowsOf(endpointId) })
    store.setState({ model, index, state: 'ready', error: undefined })
  }
  const choose = async (endpointId: string | undefined): Promise<void> => {
    if (endpointId === store.getState().endpointId) return
    if (endpointId === undefined) return store.setState(none)
    store.setState({ ...none, endpointId, state: 'loading' })
    const answer = await host.call('model.get', { endpointId })
    if (answer.ok) take(endpointId, answer.value)
    else if (store.getState().endpointId === endpointId) store.setState({ state: 'absent' })
  }
  return Object.assign(store, {
    choose: (endpointId: string | undefined) => void choose(endpointId),
    async read() {
      const { endpointId, state } = store.getState()
      if (endpointId === undefined || state === 'reading') return
      store.setState({ state: 'reading', error: undefined })
      call = `model-${Date.now()}`
      const answer = await host.call('model.refresh', { endpointId, call })
      call = undefined
      if (answer.ok) take(endpointId, answer.value)
      else if (store.getState().endpointId === endpointId) {
        const { index } = store.getState()
        store.setState({ state: index ? 'ready' : 'absent', error: answer.error })
      }
    },
    stop() {
      if (call !== undefined) void host.call('usp.cancel', { call })
    },
  })
}
