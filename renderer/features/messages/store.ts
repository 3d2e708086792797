/** The message that is being written, to whom it goes, and what came back. */
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Host } from '../../../shared/contract/host.ts'
import type { BenchError } from '../../../shared/contract/result.ts'
import type { SentMessage } from '../../../shared/contract/saved-messages.ts'
import type { RequestReport } from '../../../shared/contract/usp.ts'
import { draftOf, newDraft, withContent, withText, type Draft } from '../../../shared/usp/forms/draft.ts'
import { readKept, type KeptMessage } from '../../../shared/usp/forms/kept.ts'
import type { Variables } from '../../../shared/usp/forms/variables.ts'
import type { SeenRequest } from '../../../shared/usp/forms/seen-request.ts'
import { JsonFault } from '../../../shared/usp/json-check.ts'
import type { RequestKind } from '../../../shared/usp/kinds.ts'
import { createDeviceModel, type DeviceModel, type RowsOf } from './device-model.ts'
import { createLibrary, type Library } from './library.ts'
import { sendToAll, verdictOf, type Delivery, type Run } from './send.ts'

/** The file that is open, and what it held when it was read or written. */
export interface OpenFile {
  readonly path: string
  readonly stamp: string
  readonly text: string
  readonly variables: Variables
  readonly note: string
}

export interface MessagesState {
  readonly mode: 'message' | 'record'
  readonly draft: Draft
  readonly variables: Variables
  readonly note: string
  readonly file: OpenFile | undefined
  /** Endpoint IDs, in the order in which they were chosen. */
  readonly targets: readonly string[]
  readonly timeoutMs: number
  readonly deliveries: readonly Delivery[]
  readonly running: boolean
  /** The raw Record as it is typed. */
  readonly hex: string
  /** Whose answer is shown. */
  readonly shown: string | undefined
}

export interface MessagesModel extends StoreApi<MessagesState> {
  readonly library: Library
  readonly device: DeviceModel
  readonly setKind: (kind: RequestKind) => void
  readonly setText: (text: string) => void
  /** Changes the content of the request by the form. */
  readonly change: (change: (content: unknown) => unknown) => void
  readonly setTargets: (targets: readonly string[]) => void
  readonly send: () => Promise<void>
  readonly stop: () => void
  readonly open: (path: string) => Promise<BenchError | undefined>
  readonly openSent: (sent: SentMessage) => void
  /** Takes a request that was seen, to the device that it went to. */
  readonly openSeen: (seen: SeenRequest) => void
  readonly fresh: (kind: RequestKind) => void
  /** Saves under a path; over the open file when it is the same. */
  readonly save: (path: string) => Promise<BenchError | undefined>
  readonly close: () => void
}

/** As Oktopus waits. */
export const DEFAULT_TIMEOUT_MS = 10_000
/** Answers kept for comparing, the oldest go. */
const MAX_KEPT = 100
const MAX_TOLD = 20

export function createMessages(host: Host, rowsOf: RowsOf): MessagesModel {
  const store = createStore<MessagesState>(() => ({
    mode: 'message',
    draft: newDraft('Get'),
    variables: {},
    note: '',
    file: undefined,
    targets: [],
    timeoutMs: DEFAULT_TIMEOUT_MS,
    deliveries: [],
    running: false,
    hex: '',
    shown: undefined,
  }))
  const library = createLibrary(host)
  const device = createDeviceModel(host, rowsOf)
  /** The last answer of each device to each kind of request. */
  const answers = new Map<string, RequestReport>()
  /** What was being written of each kind before another was chosen. */
  const laid = new Map<RequestKind, Draft>()
  let run: Run | undefined

  const keep = (report: RequestReport): RequestReport | undefined => {
    if (report.answer === undefined) return undefined
    const key = `${report.kind} ${report.endpointId}`
    const before = answers.get(key)
    answers.delete(key)
    answers.set(key, report)
    const [oldest] = answers.keys()
    if (answers.size > MAX_KEPT && oldest !== undefined) answers.delete(oldest)
    return before
  }
  const take = (delivery: Delivery) => {
    const before = delivery.report && keep(delivery.report)
    const told: Delivery = before ? { ...delivery, before } : delivery
    store.setState(({ deliveries }) => ({
      deliveries: deliveries.map((one) => (one.endpointId === told.endpointId ? told : one)),
    }))
  }
  const remember = async (draft: Draft, variables: Variables) => {
    const { deliveries } = store.getState()
    const sent = deliveries.filter(({ report }) => report !== undefined)
    if (sent.length === 0) return
    await host.call('messages.remember', {
      kind: draft.kind,
      text: draft.text,
      variables: { ...variables },
      endpointIds: sent.slice(0, MAX_TOLD).map(({ endpointId }) => endpointId),
      devices: sent.length,
      answered: sent.filter(({ report }) => report?.answer !== undefined).length,
      failed: sent.filter((one) => verdictOf(one) === 'bad' || verdictOf(one) === 'part').length,
    })
    await library.refresh()
  }

  const setTargets = (targets: readonly string[]) => {
    store.setState({ targets })
    device.choose(targets[0])
  }

  const begin = (draft: Draft, variables: Variables = {}) =>
    store.setState({ draft, variables, note: '', file: undefined, mode: 'message' })

  return Object.assign(store, {
    library,
    device,
    setKind(kind: RequestKind) {
      const { draft } = store.getState()
      laid.set(draft.kind, draft)
      // The same kind again is a way out of a text that cannot be read.
      const before = kind === draft.kind ? undefined : laid.get(kind)
      store.setState({ draft: before ?? newDraft(kind), file: undefined })
    },
    setText(text: string) {
      const draft = withText(store.getState().draft, text)
      const kept = draft.fault && unwrapped(text)
      if (!kept) return store.setState({ draft })
      store.setState(({ variables }) => ({
        draft: draftOf(kept.text),
        variables: { ...variables, ...kept.variables },
      }))
    },
    change: (change: (content: unknown) => unknown) =>
      store.setState(({ draft }) => (draft.fault ? {} : { draft: withContent(draft, change) })),
    setTargets,
    async send() {
      const { draft, variables, targets, timeoutMs, running } = store.getState()
      if (running || targets.length === 0 || draft.fault) return
      store.setState(({ shown }) => ({
        running: true,
        deliveries: targets.map((endpointId) => ({ endpointId, state: 'waiting' })),
        shown: shown !== undefined && targets.includes(shown) ? shown : targets[0],
      }))
      run = sendToAll(host, { draft, variables, endpointIds: targets, timeoutMs }, take)
      await run.ended
      store.setState({ running: false })
      await remember(draft, variables)
    },
    stop: () => run?.stop(),
    async open(path: string) {
      const answer = await host.call('messages.read', { path })
      if (!answer.ok) return answer.error
      const { text, note, variables, stamp } = answer.value
      const draft = draftOf(text)
      const file = { path, stamp, text: draft.text, variables, note }
      store.setState({ draft, variables, note, file, mode: 'message' })
      return undefined
    },
    openSent({ text, variables, endpointIds, devices, kind }: SentMessage) {
      begin(draftOf(text, kind), variables)
      if (devices === endpointIds.length) setTargets(endpointIds)
    },
    openSeen({ text, kind, endpointId }: SeenRequest) {
      begin(draftOf(text, kind))
      setTargets([endpointId])
    },
    fresh: (kind: RequestKind) => begin(newDraft(kind)),
    async save(path: string) {
      const { draft, variables, note, file } = store.getState()
      const over = file?.path === path ? { over: file.stamp } : {}
      const answer = await host.call('messages.save', {
        path,
        text: draft.text,
        note,
        variables: { ...variables },
        ...over,
      })
      if (!answer.ok) return answer.error
      store.setState({ file: { path, stamp: answer.value.stamp, text: draft.text, variables, note } })
      await library.refresh()
      return undefined
    },
    close() {
      run?.stop()
      device.stop()
      library.close()
    },
  })
}

/** What Oktopus or this bench saved, when just that was pasted. */
function unwrapped(text: string): KeptMessage | undefined {
  try {
    const [one, ...more] = readKept(text)
    return one && more.length === 0 && !draftOf(one.text).fault ? one : undefined
  } catch (error) {
    if (error instanceof JsonFault) return undefined
    throw error
  }
}

/** There is something in it that its file does not have. */
export const isChanged = ({ file, draft, variables, note }: MessagesState): boolean =>
  file !== undefined &&
  (file.text !== draft.text ||
    file.note !== note ||
    JSON.stringify(file.variables) !== JSON.stringify(variables))
