/** What can be done with the data model from anywhere. */
import { focus, type Command } from '../../app/command.ts'
import type { Model } from '../../app/model.ts'
import { TREE } from './tree-pane.tsx'

const here = (model: Model): boolean =>
  model.frame.getState().place === 'datamodel' && model.dataModel.getState().endpointId !== undefined

export const dataModelCommands: readonly Command[] = [
  {
    id: 'datamodel.device',
    group: 'Data model',
    title: 'Show the data model of the device',
    available: (model) => model.devices.getState().device !== undefined,
    run(model) {
      const endpointId = model.devices.getState().device?.endpointId
      if (endpointId === undefined) return
      model.dataModel.choose(endpointId)
      model.dataModel.show('tree')
      model.goTo('datamodel')
      focus(TREE)
    },
  },
  {
    id: 'datamodel.undo',
    group: 'Data model',
    title: 'Undo the last value that was set',
    available: (model) => here(model) && model.dataModel.getState().written.length > 0,
    run: (model) => void model.dataModel.undo(),
  },
  {
    id: 'datamodel.read',
    group: 'Data model',
    title: 'Read what the device supports again',
    available: here,
    run: (model) => void model.dataModel.readModel(),
  },
  {
    id: 'datamodel.values',
    group: 'Data model',
    title: 'Read all values of the device',
    available: here,
    run: (model) => void model.dataModel.readAll(),
  },
  {
    id: 'datamodel.snapshots',
    group: 'Data model',
    title: 'Snapshots and differences',
    run(model) {
      model.dataModel.show('snapshots')
      model.goTo('datamodel')
    },
  },
  {
    id: 'datamodel.watch',
    group: 'Data model',
    title: 'Watched parameters',
    run(model) {
      model.dataModel.show('watch')
      model.goTo('datamodel')
    },
  },
]
