/** What can be done with the recording and the packets of the tab in front. */
import { copy, focus, type Command } from '../../app/command.ts'
import type { Model } from '../../app/model.ts'
import { timeFormatLabels, timeFormats } from '../../ui/format.ts'
import { goToPartner, sayFound } from './actions.ts'
import { copyForms, type CopyForm } from './copy-forms.ts'
import type { Direction, Partner } from './seek.ts'

const at = (model: Model, ...places: readonly string[]) => places.includes(model.frame.getState().place)
const here = (model: Model) => at(model, 'packets')
const hereOrLadder = (model: Model) => at(model, 'packets', 'ladder')
const listOf = (model: Model) => model.packets.current().list.getState()
const hasCursor = (model: Model) => hereOrLadder(model) && listOf(model).cursor !== undefined
const packetOf = (model: Model) => model.packets.current().detail.getState().packet
const recording = (model: Model) => model.live.getState().capture?.recording

const copyCommand = ({ id, title, what, write }: CopyForm): Command => ({
  id: `packets.copy-${id}`,
  group: 'Packets',
  title: `Copy packet as ${title}`,
  available: (model) =>
    packetOf(model) !== undefined && (id !== 'pub' || packetOf(model)?.row.type === 'PUBLISH'),
  run(model) {
    const packet = packetOf(model)
    const text = packet && write(packet)
    if (text !== undefined) void copy(model, what, text)
    else
      model.notices.getState().fail({
        code: 'invalid-request',
        message: `This packet cannot be written as ${title}: it has no bytes, or they are malformed.`,
      })
  },
})

const markStep = (direction: Direction, title: string, key: string): Command => ({
  id: `packets.${direction}-mark`,
  group: 'Packets',
  title,
  keys: [key],
  available: hereOrLadder,
  run: (model) => void sayFound(model, model.packets.current(), 'marked', direction, 'marked packet'),
})

const findStep = (direction: Direction, title: string, key: string): Command => ({
  id: `packets.find-${direction}`,
  group: 'Packets',
  title,
  keys: [key],
  available: (model) => hereOrLadder(model) && model.packets.current().getState().find.trim() !== '',
  run(model) {
    const tab = model.packets.current()
    void sayFound(model, tab, tab.getState().find, direction)
  },
})

const partner = (which: Partner, title: string, key: string): Command => ({
  id: `packets.${which}`,
  group: 'Packets',
  title,
  keys: [key],
  available: hasCursor,
  run: (model) => void goToPartner(model, model.packets.current(), which),
})

const extend = (id: string, title: string, keys: string[], by: (page: number) => number): Command => ({
  id: `packets.extend-${id}`,
  group: 'Packets',
  title,
  keys,
  keyOnly: true,
  available: here,
  run: (model) =>
    model.packets.current().extend({ by: by(Math.max(1, Math.floor(listOf(model).viewport) - 1)) }),
})

const stepTab = (id: string, title: string, key: string, by: number): Command => ({
  id: `packets.tab-${id}`,
  group: 'Packets',
  title,
  keys: [key],
  available: (model) => hereOrLadder(model) && model.packets.getState().tabs.length > 1,
  run(model) {
    const { tabs, current } = model.packets.getState()
    const next = tabs[(tabs.indexOf(current) + by + tabs.length) % tabs.length]
    if (next) model.packets.show(next.capture)
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
    title: 'Clear the live capture',
    available: (model) => (model.live.getState().capture?.rows ?? 0) > 0,
    run: (model) => void model.run('packets.clear', undefined),
  },
  {
    id: 'packets.mark',
    group: 'Packets',
    title: 'Mark the packet, or unmark it',
    keys: ['m'],
    available: hasCursor,
    async run(model) {
      const answer = await model.packets.current().toggleMark()
      if (!answer.ok) model.notices.getState().fail(answer.error)
    },
  },
  markStep('next', 'Next marked packet', 'shift+m'),
  markStep('previous', 'Previous marked packet', 'shift+n'),
  partner('request', 'Go to the packet that this one answers', '['),
  partner('answer', 'Go to the answer to this packet', ']'),
  {
    id: 'packets.goto',
    group: 'Packets',
    title: 'Go to packet…',
    keys: ['mod+g'],
    available: hereOrLadder,
    run: (model) => model.show('goto'),
  },
  {
    id: 'packets.find',
    group: 'Packets',
    title: 'Find packets',
    keys: ['mod+f'],
    available: hereOrLadder,
    run(model) {
      model.goTo('packets')
      model.packets.current().setState({ findOpen: true })
      focus('packets-find')
    },
  },
  findStep('next', 'Find next', 'f3'),
  findStep('previous', 'Find previous', 'shift+f3'),
  extend('down', 'Select also the next row', ['shift+arrowdown', 'shift+j'], () => 1),
  extend('up', 'Select also the previous row', ['shift+arrowup', 'shift+k'], () => -1),
  extend('page-down', 'Select a page down', ['shift+pagedown'], (page) => page),
  extend('page-up', 'Select a page up', ['shift+pageup'], (page) => -page),
  stepTab('next', 'Next capture tab', '>', 1),
  stepTab('previous', 'Previous capture tab', '<', -1),
  {
    id: 'packets.compare-base',
    group: 'Packets',
    title: 'Compare others with this packet',
    keys: ['b'],
    available: (model) => hereOrLadder(model) && packetOf(model) !== undefined,
    run(model) {
      const packet = packetOf(model)
      if (!packet) return
      model.packets.setBase({ capture: model.packets.current().capture, packet })
      model.settings.getState().set({ detail: 'compare' })
      model.notices.getState().say('Now go to the packet to compare with it.')
    },
  },
  {
    id: 'packets.compare-end',
    group: 'Packets',
    title: 'End comparing',
    available: (model) => model.packets.getState().base !== undefined,
    run: (model) => model.packets.setBase(undefined),
  },
  {
    id: 'packets.saved-filters',
    group: 'Packets',
    title: 'Saved filters…',
    available: hereOrLadder,
    run: (model) => model.show('saved'),
  },
  {
    id: 'packets.colours',
    group: 'Packets',
    title: 'Colouring rules…',
    run: (model) => model.show('colours'),
  },
  {
    id: 'packets.contents',
    group: 'Packets',
    title: 'Views of topics…',
    run: (model) => model.show('contents'),
  },
  {
    id: 'packets.time',
    group: 'Packets',
    title: 'Next time format',
    keys: ['t'],
    available: here,
    run: (model) => {
      const { timeFormat, set } = model.settings.getState()
      const next = timeFormats[(timeFormats.indexOf(timeFormat) + 1) % timeFormats.length] ?? 'delta'
      set({ timeFormat: next })
      model.notices.getState().say(`Time: ${timeFormatLabels[next]}.`)
    },
  },
  ...copyForms.map(copyCommand),
]
