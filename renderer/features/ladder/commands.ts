/** What can be done with the ladder. */
import type { Command } from '../../app/command.ts'
import type { Model } from '../../app/model.ts'
import { saveLadder, type SvgExtent } from './save.ts'

const here = (model: Model) => model.frame.getState().place === 'ladder'

const save = (extent: SvgExtent, title: string): Command => ({
  id: `ladder.save-${extent}`,
  group: 'Packets',
  title,
  available: (model) => here(model) && model.packets.current().list.getState().total > 0,
  run: (model) => void saveLadder(model, extent),
})

export const ladderCommands: readonly Command[] = [
  save('screen', 'Save the packets in sight as SVG'),
  save('all', 'Save the ladder as SVG, up to 2,000 packets'),
]
