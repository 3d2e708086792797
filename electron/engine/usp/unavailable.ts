/** Commands of the controller while it is not there: each says so. */
import { BenchFailure } from '../../../shared/contract/result.ts'
import type { HandlersOf } from '../../../shared/contract/command.ts'
import { dataModelCommands } from '../../../shared/contract/data-model.ts'
import { uspCommands, type UspState } from '../../../shared/contract/usp.ts'
import { controllerUser } from '../../../shared/usp/oktopus.ts'

export type UspHandlers = HandlersOf<typeof uspCommands & typeof dataModelCommands>

const refuse = (): never => {
  throw new BenchFailure('unavailable', 'The USP controller of this bench does not run.')
}
const names = [...Object.keys(uspCommands), ...Object.keys(dataModelCommands)]

export const unavailableHandlers = Object.fromEntries(
  names.map((name) => [name, refuse]),
) as unknown as UspHandlers

export const unavailableState: UspState = {
  controller: { state: 'off', endpointId: controllerUser, subscriptions: [] },
  discover: false,
  waiting: 0,
  reading: [],
  notifications: 0,
}
