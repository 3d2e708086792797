/** Writing the ladder to a file. */
import { saveText } from '../../app/deliver.ts'
import type { Model } from '../../app/model.ts'
import { readRows } from '../../list/read-rows.ts'
import { noLanes, withParties } from './lanes.ts'
import { ladderSvg } from './svg.ts'

/** More rows make a picture that nothing opens in good time. */
export const MAX_SVG_ROWS = 2000

export type SvgExtent = 'screen' | 'all'

/** `screen`: the rows in sight. `all`: from the first row on, up to 2,000. */
export async function saveLadder(model: Model, extent: SvgExtent): Promise<void> {
  const { notices, host, live } = model
  const tab = model.packets.current()
  const { top, viewport, params } = tab.list.getState()
  const first = Math.floor(top)
  const range =
    extent === 'screen'
      ? { from: first, count: Math.max(1, Math.min(MAX_SVG_ROWS, Math.ceil(top + viewport) - first)) }
      : { from: 0, count: MAX_SVG_ROWS }
  const answer = await readRows(host, 'packets', params, range)
  if (!answer.ok) return notices.getState().fail(answer.error)
  const { rows, total } = answer.value
  const info = live.getState().captures?.find(({ id }) => id === tab.capture)
  const name = info?.name ?? tab.capture
  const title = params.filter ? `${name}: ${params.filter}` : name
  const svg = ladderSvg({ title, rows, lanes: withParties(noLanes, rows), total })
  const saved = await saveText(model, `${name.replaceAll(/[^\w.-]+/g, '-')}-ladder.svg`, svg)
  if (saved && rows.length < total)
    notices.getState().say(`Saved ${rows.length} of ${total} packets; the file says that it is a part.`)
}
