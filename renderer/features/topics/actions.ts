/** What can be done with a topic, alike in the menu, the detail and by key. */
import type { TopicRow } from '../../../shared/contract/topics.ts'
import { copy } from '../../app/command.ts'
import type { Model } from '../../app/model.ts'
import type { MenuItem } from '../../ui/menu.tsx'
import { showFiltered } from '../packets/actions.ts'
import { packetsFilter } from './words.ts'

export const showTopicPackets = (model: Model, row: TopicRow): void =>
  showFiltered(model, model.topics.list.getState().params.capture, packetsFilter(row))

export function topicMenu(model: Model, row: TopicRow): readonly MenuItem[] {
  const { value } = row
  return [
    { title: 'Show its packets', run: () => showTopicPackets(model, row) },
    { title: 'Copy the topic', run: () => void copy(model, 'the topic', row.path) },
    ...(row.open === undefined
      ? []
      : [
          {
            title: 'Copy a filter of all below',
            run: () => void copy(model, 'the topic filter', `${row.path}/#`),
          },
        ]),
    ...(value
      ? [{ title: 'Copy the last value', run: () => void copy(model, 'the value', value.info) }]
      : []),
  ]
}
