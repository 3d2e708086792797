/** What a person does to the data model of a device: set, undo, add, delete, operate. */
import type { StoreApi } from 'zustand/vanilla'
import type { Host } from '../../../shared/contract/host.ts'
import type { NotificationRow, RequestReport } from '../../../shared/contract/usp.ts'
import { ownerOf } from './device-data.ts'
import {
  addRequest,
  createdRow,
  deleteRequest,
  faultOf,
  operateOutcome,
  operateRequest,
  setRequest,
} from './requests.ts'
import type { DataModelState, Operation } from './store.ts'

export interface Actions {
  /** Answers whether the device took it; what it said otherwise stands in `faults` at the path. */
  readonly setValue: (path: string, value: string) => Promise<boolean>
  /** Sets back what a path had before it was set last from here. */
  readonly undo: (path?: string) => Promise<boolean>
  /** Answers the row that was made. */
  readonly add: (table: string, settings: Readonly<Record<string, string>>) => Promise<string | undefined>
  readonly remove: (row: string) => Promise<boolean>
  readonly operate: (
    command: string,
    args: Readonly<Record<string, string>>,
    awaitCompletion: boolean,
  ) => Promise<void>
  /** An OperationComplete came. */
  readonly completed: (row: NotificationRow) => void
}

const MAX_KEPT = 100

interface Parts {
  readonly load: (path: string) => Promise<void>
  readonly changed: () => void
}

export function createActions(host: Host, store: StoreApi<DataModelState>, parts: Parts): Actions {
  const { getState, setState } = store
  let lastOperation = 0
  /** IDs of subscriptions that wait for the end of an operation, by its number. */
  const subscriptions = new Map<number, string>()

  /** Sends a request about a path; its fault, or none, stands beside the path afterwards. */
  async function send(path: string, message: Record<string, unknown>): Promise<RequestReport | undefined> {
    const { endpointId } = getState()
    if (endpointId === undefined) return undefined
    setState({ sending: new Set(getState().sending).add(path) })
    const answer = await host.call('usp.request', { endpointId, message })
    if (getState().endpointId !== endpointId) return undefined
    const sending = new Set(getState().sending)
    sending.delete(path)
    const faults = new Map(getState().faults)
    const fault = answer.ok ? faultOf(answer.value) : answer.error.message
    if (fault === undefined) faults.delete(path)
    else faults.set(path, fault)
    setState({ sending, faults })
    return fault === undefined && answer.ok ? answer.value : undefined
  }

  async function write(path: string, value: string, onTaken: () => void): Promise<boolean> {
    const report = await send(path, setRequest(path, value))
    if (!report) return false
    getState().data.change(path, value)
    // Before it is read again: what is seen to be set can be undone at once.
    onTaken()
    parts.changed()
    // The device may hold it otherwise than it was written, and others may have changed with it.
    await parts.load(ownerOf(path))
    return true
  }

  async function setValue(path: string, value: string): Promise<boolean> {
    const before = getState().data.value(path)
    return write(path, value, () => {
      const one = { path, before, after: value, at: Date.now() }
      setState({ written: [...getState().written, one].slice(-MAX_KEPT), editing: undefined })
    })
  }

  async function undo(path?: string): Promise<boolean> {
    const { written } = getState()
    const last = written.findLast((one) => path === undefined || one.path === path)
    if (last?.before === undefined) return false
    return write(last.path, last.before, () =>
      setState({ written: getState().written.filter((one) => one !== last) }),
    )
  }

  async function add(table: string, settings: Readonly<Record<string, string>>) {
    const report = await send(table, addRequest(table, settings))
    const row = report && createdRow(report)
    if (!report) return undefined
    // The object above counts its rows.
    await Promise.all([parts.load(table), parts.load(ownerOf(table))])
    if (row === undefined) return undefined
    await parts.load(row)
    const expanded = new Set(getState().expanded).add(table).add(row)
    setState({ expanded, selected: row })
    return row
  }

  async function remove(row: string): Promise<boolean> {
    if (!(await send(row, deleteRequest(row)))) return false
    getState().data.deleteRow(row)
    setState({ selected: ownerOf(row) })
    parts.changed()
    await parts.load(ownerOf(ownerOf(row)))
    return true
  }

  const setOperation = (no: number, change: Partial<Operation>): void =>
    setState(({ operations }) => ({
      operations: operations.map((one) => (one.no === no ? { ...one, ...change } : one)),
    }))

  /** An asynchronous command tells its end only to those who subscribed to it. */
  async function operate(command: string, args: Readonly<Record<string, string>>, awaitCompletion: boolean) {
    const { endpointId } = getState()
    if (endpointId === undefined) return
    const no = ++lastOperation
    const first: Operation = { no, path: command, at: Date.now(), state: 'sent', text: 'Sent.', outputs: [] }
    setState({ operations: [...getState().operations, first].slice(-MAX_KEPT) })
    if (awaitCompletion) {
      const subscribed = await host.call('model.subscribe', {
        endpointId,
        kind: 'OperationComplete',
        references: [command],
        persistent: false,
        notifyRetry: false,
      })
      if (subscribed.ok) subscriptions.set(no, subscribed.value.path)
      else setOperation(no, { text: `Its end will not be told: ${subscribed.error.message}` })
    }
    const report = await send(
      command,
      operateRequest(command, `bench-${Date.now().toString(36)}-${no}`, args),
    )
    if (!report) {
      const text = getState().faults.get(command) ?? 'It was not sent.'
      setOperation(no, { state: 'failed', text })
      return unsubscribe(no, endpointId)
    }
    const { request, outputs } = operateOutcome(report)
    const packet = report.answerPacket === undefined ? {} : { packet: report.answerPacket }
    const { msgId } = report
    // The end may have been told before the answer was read.
    if (getState().operations.find((one) => one.no === no)?.state !== 'sent') return
    if (request === undefined) {
      setOperation(no, { state: 'done', text: report.text, outputs, msgId, ...packet })
      return unsubscribe(no, endpointId)
    }
    setOperation(no, { state: 'running', text: `Runs as ${request}`, msgId, ...packet })
  }

  function completed({ path, operateMsgId, values, packet, endpointId }: NotificationRow): void {
    const { operations } = getState()
    const isOurs = (one: Operation): boolean =>
      one.path === path && (one.state === 'running' || one.state === 'sent')
    const ended =
      operations.find((one) => isOurs(one) && operateMsgId !== undefined && one.msgId === operateMsgId) ??
      operations.find((one) => isOurs(one) && one.msgId === undefined)
    if (!ended) return
    const code = values.find(([name]) => name === 'err_code')?.[1]
    const message = values.find(([name]) => name === 'err_msg')?.[1]
    const failed = code !== undefined
    setOperation(ended.no, {
      state: failed ? 'failed' : 'done',
      text: failed ? `${code} ${message ?? ''}` : 'Completed.',
      outputs: failed ? [] : values,
      ...(packet === undefined ? {} : { packet }),
    })
    void unsubscribe(ended.no, endpointId)
  }

  async function unsubscribe(no: number, endpointId: string): Promise<void> {
    const path = subscriptions.get(no)
    subscriptions.delete(no)
    // A row that is gone already is what was wanted.
    if (path !== undefined) await host.call('model.unsubscribe', { endpointId, path })
  }

  return { setValue, undo, add, remove, operate, completed }
}
