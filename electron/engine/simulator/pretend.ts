/** An agent that says that it did something, and did nothing. */
import type { DataModel } from './data-model.ts'
import type { Machine } from './messages/operate.ts'

const nothing = (): void => undefined
/** Carries out no command. */
const idleMachine: Machine = {
  restart: nothing,
  reconnect: nothing,
  sendOnBoardRequest: nothing,
  cancel: nothing,
  start: () => 'Device.LocalAgent.Request.1',
}

/** What `work` answers; nothing of what it did to the model stays. What it throws goes on. */
export function pretended<T>(model: DataModel, work: (machine: Machine) => T): T {
  const done: T[] = []
  const undo = new Error('Nothing of it is to stay')
  try {
    model.attempt(() => {
      done.push(work(idleMachine))
      throw undo
    })
  } catch (error) {
    if (error !== undo) throw error
  }
  return done[0] as T
}
