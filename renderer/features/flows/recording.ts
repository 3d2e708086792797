/** A selection of packets on its way to becoming a flow: what of it is kept, expected, or left out. */
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Exchange } from '../../../shared/contract/flow-record.ts'
import type { Host } from '../../../shared/contract/host.ts'
import type { CaptureId } from '../../../shared/contract/model.ts'
import type { BenchError } from '../../../shared/contract/result.ts'
import type { Choice, Recording } from '../../../shared/flow/record/recorder.ts'

export interface RecordingSource {
  readonly capture: CaptureId
  readonly filter: string
  readonly from?: number
  readonly to?: number
  /** What was chosen, in words. */
  readonly words: string
}

export interface RecordingState {
  readonly source: RecordingSource | undefined
  /** Absent while it is read. */
  readonly exchange: Exchange | undefined
  readonly error: BenchError | undefined
  readonly name: string
  /** Endpoint ID of the device under test. */
  readonly device: string
  readonly choices: ReadonlyMap<number, Choice>
  readonly exact: ReadonlySet<string>
  /** What would come of it. */
  readonly made: Recording | undefined
}

export interface FlowRecording extends StoreApi<RecordingState> {
  /** Reads the packets. */
  readonly begin: (source: RecordingSource) => Promise<void>
  readonly set: (change: Partial<Pick<RecordingState, 'name' | 'device' | 'choices' | 'exact'>>) => void
  readonly choose: (no: number, choice: Choice) => void
  /** The flow as text; empty while there is none. */
  readonly text: () => string
}

export function createRecording(host: Host): FlowRecording {
  const store = createStore<RecordingState>(() => ({
    source: undefined,
    exchange: undefined,
    error: undefined,
    name: 'Recorded',
    device: '',
    choices: new Map(),
    exact: new Set(),
    made: undefined,
  }))
  /** The makers of flows are loaded when the first one is made. */
  let makers: typeof import('./recorded.ts') | undefined
  const make = () => {
    const { exchange, name, device, choices, exact } = store.getState()
    if (!makers || !exchange || device === '') return store.setState({ made: undefined })
    const clientId = exchange.clientIds[device]
    const known = clientId === undefined ? {} : { [clientId]: 'client_id' }
    const options = { name: name.trim() || 'Recorded', device, choices, exact, known }
    store.setState({ made: makers.recordFlow(exchange.packets, options) })
  }
  return Object.assign(store, {
    async begin(source: RecordingSource) {
      const nothing = { exchange: undefined, error: undefined, made: undefined, device: '' }
      store.setState({ ...nothing, source, name: 'Recorded', choices: new Map(), exact: new Set() })
      const { words: _words, ...ask } = source
      const answer = await host.call('flows.exchange', ask)
      makers ??= await import('./recorded.ts')
      if (store.getState().source !== source) return
      if (!answer.ok) return store.setState({ error: answer.error })
      const [device = ''] = makers.devicesIn(answer.value.packets)
      store.setState({ exchange: answer.value, device })
      make()
    },
    set(change: Partial<Pick<RecordingState, 'name' | 'device' | 'choices' | 'exact'>>) {
      store.setState(change)
      make()
    },
    choose(no: number, choice: Choice) {
      store.setState({ choices: new Map([...store.getState().choices, [no, choice]]) })
      make()
    },
    text() {
      const { made } = store.getState()
      return made && makers ? makers.formatFlow(made.flow) : ''
    },
  })
}
