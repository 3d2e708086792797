/** What can be done with a packet of the list: the menu of a right click. */
import type { ClientPacketDetail, ClientPacketRow } from '../../../shared/contract/mqtt-client.ts'
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import { copy } from '../../app/command.ts'
import type { Model } from '../../app/model.ts'
import { joinFilters } from '../../filter/join.ts'
import { hexString } from '../../ui/hex.ts'
import type { MenuItem } from '../../ui/menu.tsx'
import { copyLine, mayPublish, publishAgain, takeOver } from './actions.ts'
import { newSubscription, nextColour } from './profile-draft.ts'
import { profileInFront } from './store.ts'
import { payloadText } from '../packets/payload-text.ts'
import { editSubscription } from './subscriptions-bar.tsx'
import { filterOfTopic } from './words.ts'

export function rowMenu(model: Model, row: ClientPacketRow): MenuItem[] {
  if (row.type === 'NOTE')
    return [{ title: 'Copy the text', run: () => void copy(model, 'the text', row.info) }]
  const isMessage = row.type === 'PUBLISH'
  return [
    ...(isMessage ? messageItems(model, row) : []),
    ...(row.topic === '' ? [] : topicItems(model, row)),
    {
      title: 'Copy the packet as hex',
      group: '',
      run: () =>
        void withPacket(model, row.no, ({ bytes }) => copy(model, 'the packet as hex', hexString(bytes))),
    },
    ...(isMessage
      ? [
          {
            title: 'Copy the payload',
            run: () =>
              void withPacket(model, row.no, (packet) => copy(model, 'the payload', payloadText(packet))),
          },
          {
            title: 'Copy as a mosquitto_pub command',
            run: () =>
              void withPacket(model, row.no, async ({ bytes, level }) => {
                const packet = decodePacket(bytes, level)
                if (packet.type === 'PUBLISH') await copyLine(model, packet, row.topic)
              }),
          },
        ]
      : []),
  ]
}

function messageItems(model: Model, { no }: ClientPacketRow): MenuItem[] {
  return [
    {
      title: 'Publish it again',
      disabled: !mayPublish(model) && 'Connect first',
      run: () => void withPacket(model, no, (packet) => publishAgain(model, packet)),
    },
    {
      title: 'Take it over into the message',
      run: () => void withPacket(model, no, (packet) => takeOver(model, packet)),
    },
  ]
}

function topicItems(model: Model, { topic }: ClientPacketRow): MenuItem[] {
  const { client } = model
  const { filter } = client.getState()
  const is = filterOfTopic(topic)
  const hidden = joinFilters(filter, 'and', `not ${is}`)
  const profile = profileInFront(client.getState())
  return [
    { title: 'Show this topic alone', group: '', run: () => client.setFilter(is, true) },
    {
      title: 'Hide this topic',
      disabled: hidden === undefined && 'The filter is a search for words, or has an error',
      run: () => hidden !== undefined && client.setFilter(hidden, true),
    },
    {
      title: 'Subscribe to this topic…',
      run: () => editSubscription(model, newSubscription(topic, nextColour(profile?.subscriptions ?? []))),
    },
    { title: 'Copy the topic', run: () => void copy(model, 'the topic', topic) },
  ]
}

/** The packet of a row that need not be under the cursor. */
async function withPacket(
  { host, notices }: Model,
  no: number,
  act: (packet: ClientPacketDetail) => unknown,
): Promise<void> {
  const answer = await host.call('client.packet', { no })
  if (answer.ok) await act(answer.value)
  else notices.getState().fail(answer.error)
}
