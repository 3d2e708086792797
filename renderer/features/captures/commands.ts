/** What can be done with captures. */
import type { CaptureId, CaptureInfo } from '../../../shared/contract/model.ts'
import type { Command } from '../../app/command.ts'
import type { Model } from '../../app/model.ts'
import { isViewable, viewId } from './store.ts'

const selected = (model: Model): CaptureInfo | undefined => {
  const { selected: id } = model.captures.getState()
  return model.live.getState().captures?.find((info) => info.id === id)
}
const selectedIsViewable = (model: Model): boolean => {
  const info = selected(model)
  return info !== undefined && isViewable(info)
}
const at = (model: Model, place: string) => model.frame.getState().place === place

/** Shows the packets of a capture, which is opened first where needed. */
export async function openCapture(model: Model, id: CaptureId): Promise<void> {
  const answer = await model.captures.open(id)
  if (!answer.ok) model.notices.getState().fail(answer.error)
}

/** Asks how a capture is to be exported. */
export function exportCapture(model: Model, info: CaptureInfo): void {
  model.captures.setState({ exporting: viewId(info) })
  model.show('export')
}

export const captureCommands: readonly Command[] = [
  {
    id: 'captures.new',
    group: 'Captures',
    title: 'New capture…',
    run: (model) => model.show('new-capture'),
  },
  {
    id: 'captures.import',
    group: 'Captures',
    title: 'Import…',
    run: (model) => model.show('import'),
  },
  {
    id: 'captures.export',
    group: 'Captures',
    title: 'Export…',
    keys: ['mod+e'],
    available: (model) => !at(model, 'captures') || selectedIsViewable(model),
    run(model) {
      const info = at(model, 'captures') ? selected(model) : undefined
      model.captures.setState({ exporting: info ? viewId(info) : model.packets.current().capture })
      model.show('export')
    },
  },
  {
    id: 'captures.open',
    group: 'Captures',
    title: 'Open the capture',
    available: (model) => at(model, 'captures') && selected(model) !== undefined,
    run(model) {
      const info = selected(model)
      if (info) void openCapture(model, info.id)
    },
  },
  {
    id: 'captures.close',
    group: 'Captures',
    title: 'Close the capture in front',
    available: (model) => !at(model, 'captures') && model.packets.current().capture !== 'live',
    run: (model) => void model.run('captures.close', { id: model.packets.current().capture }),
  },
]
