/** Asynchronous commands while they run: each is a row of Device.LocalAgent.Request. */
import type { MessageInitShape } from '@bufbuild/protobuf'
import type { Notify_OperationCompleteSchema } from '../../../shared/usp/gen/usp-msg_pb.ts'
import type { DataModel, Place } from './data-model.ts'
import { CODE, UspFault } from './fault.ts'
import { fillKeys } from './messages/add-delete.ts'
import type { Call } from './messages/operate.ts'
import type { World } from './world.ts'

type OperationResp = NonNullable<MessageInitShape<typeof Notify_OperationCompleteSchema>['operationResp']>

export interface Completed extends Call {
  readonly outcome: OperationResp
}

/** More at once are refused with 7005. */
export const MAX_RUNNING = 50

const REQUEST = 'Device.LocalAgent.Request.'

interface Running {
  readonly row: Place
  readonly call: Call
  readonly stop: () => void
}

export class Requests {
  readonly #model: DataModel
  readonly #world: World
  readonly #completed: (done: Completed) => void
  readonly #running = new Map<string, Running>()

  constructor(model: DataModel, world: World, completed: (done: Completed) => void) {
    this.#model = model
    this.#world = world
    this.#completed = completed
  }

  /** Answers the path of the Request row, without the dot at its end (R-OPR.0). */
  start(call: Call, ms: number): string {
    if (this.#running.size >= MAX_RUNNING) {
      throw new UspFault(
        CODE.resourcesExceeded,
        `The agent runs no more than ${MAX_RUNNING} commands at once`,
      )
    }
    const type = this.#model.schema.root.children.get('LocalAgent')?.children.get('Request')
    if (!type) throw new UspFault(CODE.resourcesExceeded, `This data model has no ${REQUEST}`)
    const model = this.#model
    const row = model.addRow({ type, path: REQUEST, isTable: true })
    model.put(row, 'Originator', call.originator)
    model.put(row, 'Command', call.place.path + call.command.name)
    model.put(row, 'CommandKey', call.commandKey)
    model.put(row, 'Status', 'Requested')
    fillKeys(model, row)
    model.announce(row)
    const stop = this.#world.after(ms, () => {
      const outputArgs = Object.fromEntries(call.command.outputs)
      this.#finish(row.path, { case: 'reqOutputArgs', value: { outputArgs } })
    })
    this.#running.set(row.path, { row, call, stop })
    return row.path.slice(0, -1)
  }

  cancel({ path }: Place): void {
    const running = this.#running.get(path)
    running?.stop()
    // Its end is told after the answer to Cancel().
    const value = { errCode: CODE.canceled, errMsg: 'The command was canceled' }
    this.#world.after(0, () => this.#finish(path, { case: 'cmdFailure', value }))
  }

  #finish(path: string, outcome: OperationResp): void {
    const running = this.#running.get(path)
    if (!running) return
    this.#running.delete(path)
    this.#model.deleteRow(running.row)
    this.#completed({ ...running.call, outcome })
  }

  /** Nothing runs any more, and nobody is told. */
  stop(): void {
    for (const { stop } of this.#running.values()) stop()
  }

  /** Takes the rows away, and nobody is told. */
  forget(): void {
    for (const { row } of this.#running.values()) this.#model.deleteRow(row)
    this.#running.clear()
  }
}
