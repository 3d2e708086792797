/** The doctor by name. */
import type { Command } from '../../app/command.ts'
import { openDoctor } from './actions.ts'

export const doctorCommands: readonly Command[] = [
  {
    id: 'doctor.open',
    group: 'Devices',
    title: 'Examine a device: why does it not work?',
    keys: ['g x'],
    run: (model) => {
      const endpointId = model.devices.getState().device?.endpointId
      const isHere = model.frame.getState().place === 'devices' && endpointId !== undefined
      openDoctor(model, 'live', isHere ? { endpointId } : undefined)
    },
  },
]
