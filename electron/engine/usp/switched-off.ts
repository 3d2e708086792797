/** The controller of a bench that has none, by the setting usp.controller: each command says so. */
import { BenchFailure } from '../../../shared/contract/result.ts'
import { dataModelCommands } from '../../../shared/contract/data-model.ts'
import { snapshotCommands } from '../../../shared/contract/snapshots.ts'
import { uspCommands } from '../../../shared/contract/usp.ts'
import { watchCommands } from '../../../shared/contract/watch.ts'
import { controllerUser } from '../../../shared/usp/oktopus.ts'
import { Notifications } from './notifications.ts'
import type { UspHandlers, UspService } from './service.ts'

const refuse = (): never => {
  const text = 'The USP controller of this bench is switched off: start the bench without --no-controller.'
  throw new BenchFailure('unavailable', text)
}
const names = Object.keys({ ...uspCommands, ...dataModelCommands, ...snapshotCommands, ...watchCommands })

export function switchedOff(): UspService {
  const notifications = new Notifications()
  return {
    state: {
      controller: { state: 'off', endpointId: controllerUser, subscriptions: [] },
      discover: false,
      waiting: 0,
      reading: [],
      notifications: 0,
    },
    snapshots: { list: [], unreadable: [] },
    watches: [],
    withholdNotifyResp: () => () => undefined,
    handlers: Object.fromEntries(names.map((name) => [name, refuse])) as unknown as UspHandlers,
    openView: (params, changed) => notifications.openView(params, changed),
    usp: () => undefined,
    owns: () => false,
    accepted: () => undefined,
    subscribed: () => undefined,
    ended: () => undefined,
    forget: () => undefined,
    stop: () => Promise.resolve(),
  }
}
