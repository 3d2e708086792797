/** What can be done with a topic, alike in the menu, the detail and by key. */
import type { TopicRow } from '../../../shared/contract/topics.ts'
import { copy, focus } from '../../app/command.ts'
import type { Model } from '../../app/model.ts'
import { plural } from '../../ui/format.ts'
import type { MenuItem } from '../../ui/menu.tsx'
import { showFiltered } from '../packets/actions.ts'
import { packetsFilter } from './words.ts'

export const showTopicPackets = (model: Model, row: TopicRow): void =>
  showFiltered(model, model.topics.list.getState().params.capture, packetsFilter(row))

/** Begins a message to the topic in the MQTT client; what is written there otherwise stays. */
export function publishTo(model: Model, { path }: TopicRow): void {
  model.client.setDraft({ topic: path })
  model.goTo('client')
  focus('publish-topic')
}

/** Only the broker of this bench keeps messages; what a stored capture says of them is history. */
export const isLive = (model: Model): boolean => model.topics.list.getState().params.capture === 'live'

/** Clears, and says what became of it where nothing else does. */
export async function clearRetained(model: Model, row: TopicRow, below: boolean): Promise<void> {
  const answer = await model.topics.clearRetained(row.path, below)
  const { say, fail } = model.notices.getState()
  if (!answer.ok) fail(answer.error)
  else if (answer.value.messages === 0) say('The broker kept no message there.')
}

export async function undoClear(model: Model): Promise<void> {
  const answer = await model.topics.restore()
  const { say, fail } = model.notices.getState()
  if (!answer) return
  if (!answer.ok) return fail(answer.error)
  const { messages, left } = answer.value
  const others = left > 0 ? `; ${left} not, since something newer came or there is no room` : ''
  say(`Put back ${plural(messages, 'retained message')}${others}.`)
}

/** The ways to clear that there are for a line. */
export function clearings(row: TopicRow): readonly { readonly title: string; readonly below: boolean }[] {
  const { isRetained, retained } = row
  const deeper = retained - (isRetained ? 1 : 0)
  return [
    ...(isRetained ? [{ title: 'Clear the retained message', below: false }] : []),
    ...(deeper > 0
      ? [{ title: `Clear ${plural(retained, 'retained message')} from here on`, below: true }]
      : []),
  ]
}

export function topicMenu(model: Model, row: TopicRow): readonly MenuItem[] {
  const { value } = row
  return [
    { title: 'Show its packets', run: () => showTopicPackets(model, row) },
    { title: 'Publish to it…', run: () => publishTo(model, row) },
    { title: 'Copy the topic', run: () => void copy(model, 'the topic', row.path) },
    ...(row.open === undefined
      ? []
      : [
          {
            title: 'Copy a filter of all below',
            run: () => void copy(model, 'the topic filter', `${row.path}/#`),
          },
        ]),
    ...(isLive(model)
      ? clearings(row).map(({ title, below }) => ({
          title,
          run: () => void clearRetained(model, row, below),
        }))
      : []),
    ...(value
      ? [{ title: 'Copy the last value', run: () => void copy(model, 'the value', value.info) }]
      : []),
  ]
}
