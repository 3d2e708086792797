/** Going to the next packet that matches, among those the list shows. */
import type { Request } from '../../../shared/contract/contract.ts'
import type { Host } from '../../../shared/contract/host.ts'
import type { CaptureId } from '../../../shared/contract/model.ts'
import type { BenchError } from '../../../shared/contract/result.ts'
import { joinFilters } from '../../filter/join.ts'
import type { ListStore } from '../../list/list-store.ts'

export type Direction = 'next' | 'previous'
export type Sought =
  | { readonly kind: 'found' | 'wrapped' | 'none' | 'given-up' }
  | { readonly kind: 'failed'; readonly error: BenchError }

interface Search {
  readonly host: Host
  readonly capture: CaptureId
  readonly list: ListStore<'packets'>
  readonly filter: string
  /** Number of the packet to go on from; undefined: from the end that the direction comes from. */
  readonly from: number | undefined
  readonly direction: Direction
}

/**
 * Packets passed over because the search finds them and the list does not show them. They come up only where one
 * of the two is a search for words, which cannot be joined with another filter, and while the list still searches.
 */
const MAX_PASSED = 500

export async function seek({ host, capture, list, filter, from, direction }: Search): Promise<Sought> {
  const backwards = direction === 'previous'
  const shown = list.getState().params.filter
  const wanted = joinFilters(shown, 'and', filter) ?? filter
  const edge = backwards ? Number.MAX_SAFE_INTEGER : 0
  const isRound = (no: number) => from !== undefined && (backwards ? no <= from : no >= from)
  let at = from ?? edge
  let wrapped = from === undefined
  for (let passed = 0; passed < MAX_PASSED; passed++) {
    const answer = await host.call('packets.find', { capture, filter: wanted, from: at, backwards })
    if (!answer.ok) return { kind: 'failed', error: answer.error }
    const { no } = answer.value
    if (no < 0) {
      if (wrapped) return { kind: 'none' }
      wrapped = true
      at = edge
      continue
    }
    if (await list.getState().selectKey(no))
      return { kind: wrapped && from !== undefined ? 'wrapped' : 'found' }
    if (wrapped && isRound(no)) return { kind: 'none' }
    at = no
  }
  return { kind: 'given-up' }
}

export type Partner = Request<'packets.partner'>['which']
export type Met =
  | { readonly kind: 'found' | 'none' }
  /** It is in the capture, but not in the list. */
  | { readonly kind: 'hidden'; readonly no: number }
  | { readonly kind: 'failed'; readonly error: BenchError }

/** Goes to the packet that packet `no` answers, or that answers it. */
export async function meet(
  { host, capture, list }: Pick<Search, 'host' | 'capture' | 'list'>,
  no: number,
  which: Partner,
): Promise<Met> {
  const answer = await host.call('packets.partner', { capture, no, which })
  if (!answer.ok) return { kind: 'failed', error: answer.error }
  const { no: partner } = answer.value
  if (partner < 0) return { kind: 'none' }
  return (await list.getState().selectKey(partner)) ? { kind: 'found' } : { kind: 'hidden', no: partner }
}
