/** What commands, menus and bars of the packet list do alike. */
import { MAX_LOOK } from '../../../shared/contract/look.ts'
import type { Model } from '../../app/model.ts'
import { colouringFault } from './colouring.ts'
import type { CaptureId } from '../../../shared/contract/model.ts'
import type { Direction, Partner } from './seek.ts'
import type { PacketsTab } from './tab.ts'

/** Goes to the next packet that matches and says what became of it. */
export async function sayFound(
  model: Model,
  tab: PacketsTab,
  filter: string,
  direction: Direction,
  what = 'match',
): Promise<void> {
  const { say, fail } = model.notices.getState()
  const sought = await tab.seek(filter, direction)
  if (sought.kind === 'failed') fail(sought.error)
  else if (sought.kind === 'none') say(`No packet shown is a ${what}.`)
  else if (sought.kind === 'given-up')
    fail({
      code: 'unavailable',
      message:
        'Too many matches are not in the list. Write the filter of the list and the search as expressions instead of words.',
    })
  else if (sought.kind === 'wrapped')
    say(direction === 'next' ? 'Went on from the first packet.' : 'Went on from the last packet.')
}

/** Goes to the request or answer of the packet under the cursor, or says why not. */
export async function goToPartner(model: Model, tab: PacketsTab, which: Partner): Promise<void> {
  const { say, fail } = model.notices.getState()
  const met = await tab.partner(which)
  if (met.kind === 'failed') fail(met.error)
  else if (met.kind === 'none')
    say(`The capture holds no ${which === 'answer' ? 'answer to' : 'request that belongs to'} this packet.`)
  else if (met.kind === 'hidden') say(`The ${which} is packet ${met.no}, which the filter hides.`)
}

/** Puts a rule in front of the others and shows the rules; says why where it cannot colour. */
export function addColourRule(model: Model, filter: string): void {
  const { colourRules } = model.look.getState()
  const fault = colouringFault(filter)
  if (fault !== undefined) return model.notices.getState().fail({ code: 'invalid-request', message: fault })
  model.look.setColours([{ filter, colour: 'blue' as const, on: true }, ...colourRules].slice(0, MAX_LOOK))
  model.show('colours')
}

/** Shows a packet in its list; a filter that hides it is taken away. */
export async function showPacket(model: Model, capture: CaptureId, no: number): Promise<void> {
  const tab = bringUp(model, capture)
  if (!tab || (await tab.list.getState().selectKey(no))) return
  tab.setFilter('', true)
  if (await tab.list.getState().selectKey(no)) return
  const message = `Packet ${no} is no longer in the capture.`
  model.notices.getState().fail({ code: 'not-found', message })
}

/** Shows what a filter leaves of a capture. */
export const showFiltered = (model: Model, capture: CaptureId, filter: string): void =>
  bringUp(model, capture)?.setFilter(filter, true)

function bringUp(model: Model, capture: CaptureId): PacketsTab | undefined {
  const tab = model.packets.getState().tabs.find((one) => one.capture === capture)
  if (!tab) {
    model.notices
      .getState()
      .fail({ code: 'conflict', message: 'This capture is no longer open: open it first.' })
    return undefined
  }
  model.packets.show(capture)
  model.goTo('packets')
  return tab
}
