/** From what a person chose to what the bench is asked for. Pure. */
import type { Request } from '../../../shared/contract/contract.ts'
import type { CaptureId, ExportFormat } from '../../../shared/contract/model.ts'
import { joinFilters } from '../../filter/join.ts'

export type Scope = 'all' | 'filter' | 'marked' | 'selection'

export interface ExportWish {
  readonly capture: CaptureId
  readonly format: ExportFormat
  readonly scope: Scope
  /** Filter of the packet list. */
  readonly filter: string
  readonly selection: { readonly from: number; readonly to: number } | undefined
  readonly columns: readonly string[]
  readonly secrets: boolean
  readonly name: string
}

/** Rows that can be named one by one. */
export const MAX_SELECTED = 100_000

/** Why it cannot be exported so, and what to do; undefined when it can. */
export function scopeFault({ scope, selection, filter }: ExportWish): string | undefined {
  if (scope !== 'selection') return undefined
  if (!selection) return 'No packet is selected. Select some with Shift and the arrow keys, or export all.'
  const wide = selection.to - selection.from >= MAX_SELECTED
  return wide && selectionFilter(filter, selection) === undefined
    ? `More than ${MAX_SELECTED.toLocaleString('en-US')} packets are selected under a search for words. Write the search as an expression, or export what the filter leaves.`
    : undefined
}

export function exportRequest(wish: ExportWish): Request<'captures.export'> {
  const { capture, format, secrets, columns } = wish
  const name = wish.name.trim()
  return {
    capture,
    format,
    secrets,
    ...rowsOf(wish),
    ...(format === 'csv' && columns.length > 0 && { columns: [...columns] }),
    ...(name && { name }),
  }
}

function rowsOf({ scope, filter, selection }: ExportWish): { filter: string; rows?: number[] } {
  if (scope === 'filter') return { filter }
  if (scope === 'marked') return { filter: 'marked' }
  if (scope === 'all' || !selection) return { filter: '' }
  const joined = selectionFilter(filter, selection)
  if (joined !== undefined) return { filter: joined }
  const { from, to } = selection
  return { filter, rows: Array.from({ length: to - from + 1 }, (_, at) => from + at) }
}

/** The list's filter and the range; undefined where the filter is a search for words. */
const selectionFilter = (filter: string, { from, to }: { from: number; to: number }) =>
  joinFilters(filter, 'and', from === to ? `frame.number == ${from}` : `frame.number in {${from}..${to}}`)
