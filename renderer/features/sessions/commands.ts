/** Commands of the sessions view. */
import type { Command } from '../../app/command.ts'
import type { Model } from '../../app/model.ts'

export const sessionCommands: readonly Command[] = [
  {
    id: 'sessions.groups',
    group: 'Sessions',
    title: 'Show shared groups',
    run: (model: Model) => {
      model.sessions.open('groups')
      model.goTo('sessions')
    },
  },
]
