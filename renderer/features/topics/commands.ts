/** Commands of the topics view. */
import type { Command } from '../../app/command.ts'
import type { Model } from '../../app/model.ts'
import { showTopicPackets, undoClear } from './actions.ts'

const here = (model: Model): boolean => model.frame.getState().place === 'topics'
const rowOf = (model: Model) => (here(model) ? model.topics.getState().row : undefined)
const ALL_LEVELS = 100

export const topicCommands: readonly Command[] = [
  {
    id: 'topics.pause',
    group: 'Topics',
    title: 'Let the tree of topics stand still, or follow again',
    keys: ['shift+p'],
    available: here,
    run: (model) => {
      const { list, pause } = model.topics
      void pause(list.getState().params.before === 0)
    },
  },
  {
    id: 'topics.expand',
    group: 'Topics',
    title: 'Open all branches',
    keys: ['*'],
    available: here,
    run: (model) => model.topics.openLevels(ALL_LEVELS),
  },
  {
    id: 'topics.collapse',
    group: 'Topics',
    title: 'Close all branches',
    keys: ['shift+c'],
    available: here,
    run: (model) => model.topics.openLevels(0),
  },
  {
    id: 'topics.undo',
    group: 'Topics',
    title: 'Put back the retained messages that were cleared last',
    available: (model) => model.topics.getState().cleared?.undo !== undefined,
    run: (model) => void undoClear(model),
  },
  {
    id: 'topics.packets',
    group: 'Topics',
    title: 'Show the packets of the topic',
    available: (model) => rowOf(model) !== undefined,
    run: (model) => {
      const row = rowOf(model)
      if (row) showTopicPackets(model, row)
    },
  },
]
