/** Commands about faults on purpose. */
import { faultPresets } from '../../../shared/faults/presets.ts'
import type { Command } from '../../app/command.ts'
import type { Model } from '../../app/model.ts'
import { faultOf } from './draft.ts'

export const faultCommands: readonly Command[] = [
  {
    id: 'faults.stop',
    group: 'Faults',
    title: 'Switch all faults off',
    available: ({ live }) => live.getState().faults.some(({ on }) => on),
    run: (model) => void model.run('faults.stop', undefined),
  },
  ...faultPresets.map((preset, index): Command => ({
    id: `faults.add.${index}`,
    group: 'Faults',
    title: `Add a fault: ${preset.name}`,
    run: (model: Model) => {
      model.faults.begin(faultOf(preset, ''))
      model.goTo('faults')
    },
  })),
]
