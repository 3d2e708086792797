/** Attaching by name. */
import type { Command } from '../../app/command.ts'

export const attachCommands: readonly Command[] = [
  {
    id: 'attach.open',
    group: 'Devices',
    title: 'Attach a device step by step',
    run: (model) => model.show('attach'),
  },
  {
    id: 'attach.check',
    group: 'Devices',
    title: 'Check the configuration of a device',
    run: (model) => model.show('attach-check'),
  },
]
