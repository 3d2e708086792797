/** What can be done with the device under the cursor. */
import { copy, type Command } from '../../app/command.ts'
import { quote } from '../../../shared/filter/lexer.ts'
import type { Model } from '../../app/model.ts'

/** Puts the cursor on a device, whatever was filtered. */
export function showDevice(model: Model, endpointId: string): void {
  model.goTo('devices')
  model.devices.setFilter('', true)
  void model.devices.list.getState().selectKey(endpointId)
}

const deviceOf = (model: Model) => model.devices.getState().device

export const deviceCommands: readonly Command[] = [
  {
    id: 'devices.packets',
    group: 'Devices',
    title: 'Show the packets of the device',
    available: (model) => deviceOf(model) !== undefined,
    run: (model) => {
      const endpointId = deviceOf(model)?.endpointId ?? ''
      model.packets.show('live')
      model.packets.current().setFilter(`device == ${quote(endpointId)}`, true)
      model.goTo('packets')
    },
  },
  {
    id: 'devices.message',
    group: 'Devices',
    title: 'Send a message to the device',
    available: (model) => deviceOf(model) !== undefined,
    run: (model) => {
      const endpointId = deviceOf(model)?.endpointId
      if (endpointId !== undefined) model.messages.setTargets([endpointId])
      model.goTo('messages')
    },
  },
  {
    id: 'devices.disconnect',
    group: 'Devices',
    title: 'Disconnect the device',
    available: (model) => deviceOf(model)?.online === true,
    run: async (model) => {
      const endpointId = deviceOf(model)?.endpointId
      if (endpointId !== undefined) await model.run('devices.disconnect', { endpointId })
      model.devices.refresh()
    },
  },
  {
    id: 'devices.forget',
    group: 'Devices',
    title: 'Forget the device',
    available: (model) => deviceOf(model)?.online === false,
    run: async (model) => {
      const endpointId = deviceOf(model)?.endpointId
      if (endpointId !== undefined && (await model.run('devices.forget', { endpointId })))
        model.devices.list.getState().clearCursor()
    },
  },
  {
    id: 'devices.copy',
    group: 'Devices',
    title: 'Copy the facts of the device as JSON',
    available: (model) => deviceOf(model) !== undefined,
    run: (model) => void copy(model, 'the facts of the device', JSON.stringify(deviceOf(model), null, 2)),
  },
]
