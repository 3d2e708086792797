/** Moving in whichever list is in sight, and filtering it. */
import { focus, type Command } from '../app/command.ts'
import type { Model } from '../app/model.ts'
import type { ListState } from './list-store.ts'

const at = (model: Model) => model.frame.getState().place

type Listed =
  | 'packets'
  | 'devices'
  | 'transactions'
  | 'topics'
  | 'sessions'
  | 'sharedGroups'
  | 'flowSteps'
  | 'clientPackets'
type AnyList = { [V in Listed]: ListState<V> }[Listed]

/** Lists by the place they are in; the ladder shows the rows of the packet list. */
const lists: Readonly<Record<string, (model: Model) => AnyList>> = {
  packets: (model) => model.packets.current().list.getState(),
  ladder: (model) => model.packets.current().list.getState(),
  transactions: (model) => model.transactions.list.getState(),
  topics: (model) => model.topics.list.getState(),
  sessions: ({ sessions }) =>
    sessions.getState().tab === 'groups' ? sessions.groups.getState() : sessions.list.getState(),
  devices: (model) => model.devices.list.getState(),
  flows: (model) => model.flows.runs.steps.getState(),
  client: (model) => model.client.list.getState(),
}
/** What shows the row under the cursor. */
const details: Readonly<Record<string, string>> = {
  packets: 'packet-tree',
  transactions: 'transaction-detail',
  topics: 'topic-messages',
  sessions: 'session-detail',
  devices: 'device-detail',
  flows: 'flow-step',
  client: 'client-detail',
}
/** Filters of views by their place; elsewhere `/` leads to the packets. */
const filters: Readonly<Record<string, string>> = {
  devices: 'devices-filter',
  client: 'client-filter',
  transactions: 'transactions-filter',
  topics: 'topics-filter',
  sessions: 'sessions-filter',
  certificates: 'certificates-filter',
  datamodel: 'datamodel-filter',
  flows: 'flows-filter',
}
const listOf = (model: Model) => lists[at(model)]?.(model)
const inList = (model: Model) => listOf(model) !== undefined

/** Lists that grow at their end while one looks at them. */
const grows: Readonly<Record<string, (model: Model) => boolean>> = {
  packets: (model) => model.packets.current().capture === 'live',
  ladder: (model) => model.packets.current().capture === 'live',
  client: () => true,
}

const move = (id: string, title: string, keys: string[], by: (page: number) => number): Command => ({
  id: `list.${id}`,
  group: 'List',
  title,
  keys,
  keyOnly: true,
  available: inList,
  run: (model) => {
    const list = listOf(model)
    list?.move(by(Math.max(1, Math.floor(list.viewport) - 1)))
  },
})

export const listCommands: readonly Command[] = [
  move('next', 'Next row', ['j', 'arrowdown'], () => 1),
  move('previous', 'Previous row', ['k', 'arrowup'], () => -1),
  move('page-down', 'Page down', ['pagedown'], (page) => page),
  move('page-up', 'Page up', ['pageup'], (page) => -page),
  {
    id: 'list.follow',
    group: 'List',
    title: 'Follow the newest row',
    keys: ['f'],
    available: (model) => grows[at(model)]?.(model) === true,
    run: (model) => listOf(model)?.setFollow(true),
  },
  {
    id: 'list.first',
    group: 'List',
    title: 'First row',
    keys: ['home'],
    keyOnly: true,
    available: inList,
    run: (model) => listOf(model)?.moveToEnd('first'),
  },
  {
    id: 'list.last',
    group: 'List',
    title: 'Last row, and follow',
    keys: ['end'],
    keyOnly: true,
    available: inList,
    run: (model) => listOf(model)?.moveToEnd('last'),
  },
  {
    id: 'list.detail',
    group: 'List',
    title: 'Into the detail of the row',
    keys: ['enter'],
    keyOnly: true,
    available: (model) => inList(model) && listOf(model)?.cursor !== undefined,
    run(model) {
      if (at(model) === 'ladder') model.goTo('packets')
      focus(details[at(model)] ?? 'packet-tree')
    },
  },
  {
    id: 'list.back',
    group: 'List',
    title: 'Back to the list; again: close the detail',
    keys: ['escape'],
    keyOnly: true,
    available: inList,
    run: (model) => {
      const list = document.getElementById(`${at(model)}-list`)
      if (list && document.activeElement !== list) list.focus()
      else listOf(model)?.clearCursor()
    },
  },
  {
    id: 'filter.focus',
    group: 'List',
    title: 'Filter',
    keys: ['/'],
    run: (model) => {
      if (!inList(model) && !filters[at(model)]) model.goTo('packets')
      focus(filters[at(model)] ?? 'packets-filter')
    },
  },
]
