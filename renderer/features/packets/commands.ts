/** What can be done with the recording and the packet under the cursor. */
import { copy, type Command } from '../../app/command.ts'
import type { Model } from '../../app/model.ts'
import { timeFormatLabels, timeFormats } from '../../ui/format.ts'
import { hexDump, hexString } from '../../ui/hex.ts'
import type { PacketDetail } from '../../../shared/contract/model.ts'
import { treeJson, treeText } from './tree.ts'

const here = (model: Model) => model.frame.getState().place === 'packets'
const packetOf = (model: Model) => model.packets.detail.getState().packet
const recording = (model: Model) => model.live.getState().capture?.recording

const copyPacket = (
  form: string,
  title: string,
  what: string,
  write: (packet: PacketDetail) => string,
): Command => ({
  id: `packets.copy-${form}`,
  group: 'Packets',
  title,
  available: (model) => packetOf(model) !== undefined,
  run(model) {
    const packet = packetOf(model)
    if (packet) void copy(model, what, write(packet))
  },
})

export const packetCommands: readonly Command[] = [
  {
    id: 'packets.record',
    group: 'Packets',
    title: 'Pause recording',
    available: (model) => recording(model) === true,
    run: (model) => void model.run('packets.record', { on: false }),
  },
  {
    id: 'packets.resume',
    group: 'Packets',
    title: 'Resume recording',
    available: (model) => recording(model) === false,
    run: (model) => void model.run('packets.record', { on: true }),
  },
  {
    id: 'packets.clear',
    group: 'Packets',
    title: 'Clear the capture',
    available: (model) => (model.live.getState().capture?.rows ?? 0) > 0,
    run: (model) => void model.run('packets.clear', undefined),
  },
  {
    id: 'packets.follow',
    group: 'Packets',
    title: 'Follow the newest packet',
    keys: ['f'],
    available: (model) => here(model),
    run: (model) => model.packets.list.getState().setFollow(true),
  },
  {
    id: 'packets.mark',
    group: 'Packets',
    title: 'Mark the packet, or unmark it',
    keys: ['m'],
    available: (model) => here(model) && model.packets.list.getState().cursor !== undefined,
    run: (model) => model.packets.toggleMark(),
  },
  {
    id: 'packets.next-mark',
    group: 'Packets',
    title: 'Next marked packet',
    keys: ['shift+m'],
    available: (model) => here(model) && model.packets.getState().marks.length > 0,
    run: (model) => void model.packets.nextMark(),
  },
  {
    id: 'packets.time',
    group: 'Packets',
    title: 'Next time format',
    keys: ['t'],
    available: (model) => here(model),
    run: (model) => {
      const { timeFormat, set } = model.settings.getState()
      const next = timeFormats[(timeFormats.indexOf(timeFormat) + 1) % timeFormats.length] ?? 'delta'
      set({ timeFormat: next })
      model.notices.getState().say(`Time: ${timeFormatLabels[next]}.`)
    },
  },
  copyPacket('hex', 'Copy packet as hex', 'the bytes as hex', ({ bytes }) => hexString(bytes)),
  copyPacket('dump', 'Copy packet as hex dump', 'the hex dump', ({ bytes }) => hexDump(bytes)),
  copyPacket('text', 'Copy packet as text', 'the tree as text', ({ fields }) => treeText(fields)),
  copyPacket('json', 'Copy packet as JSON', 'the tree as JSON', ({ fields }) => treeJson(fields)),
]
