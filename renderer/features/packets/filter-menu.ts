/** "Filter by this": menu entries that filter, find and colour by a field of the tree or a cell of the list. */
import type { PacketRow } from '../../../shared/contract/model.ts'
import type { Field } from '../../../shared/dissect/field.ts'
import { fromField } from '../../../shared/filter/from-field.ts'
import { joinFilters, type Joint } from '../../filter/join.ts'
import type { MenuItem } from '../../ui/menu.tsx'
import type { Column } from './columns.ts'

/** A value as a filter: that a packet has it, and that it has another one instead. */
export interface FieldFilter {
  readonly is: string
  /** Absent for fields that are only there or not. */
  readonly isNot?: string
}

/** Of a field of a dissected packet; `bytes` are the packet's. Undefined when no filter can be made of it. */
export function filterOfField(field: Field, bytes: Uint8Array): FieldFilter | undefined {
  const is = fromField(field, '==', bytes)
  if (is === undefined) return undefined
  const isNot = fromField(field, '!=', bytes)
  return isNot === undefined || isNot === is ? { is, isNot: `not ${is}` } : { is, isNot }
}

const NO_BYTES = new Uint8Array()

/** Of a cell of the packet list. */
export function filterOfCell(column: Column, row: PacketRow): FieldFilter | undefined {
  const found = column.field?.(row)
  if (!found) return undefined
  const [name, value] = found
  return filterOfField({ name, label: name, text: String(value), value, start: 0, end: 0 }, NO_BYTES)
}

export interface FilterMenuActions {
  /** The filter as it stands. */
  readonly current: string
  readonly apply: (filter: string) => void
  readonly find: (filter: string) => void
  readonly colour: (filter: string) => void
}

const entries: readonly (readonly [title: string, joint: Joint, not: boolean, chord?: string])[] = [
  ['Filter by this', 'replace', false, '='],
  ['Filter by anything else', 'replace', true, '!'],
  ['And this', 'and', false, '&'],
  ['And not this', 'and', true],
  ['Or this', 'or', false, '|'],
  ['Or anything else', 'or', true],
]

export function filterMenu(filter: FieldFilter | undefined, actions: FilterMenuActions): MenuItem[] {
  if (!filter) return []
  const { current, apply, find, colour } = actions
  const items = entries.flatMap(([title, joint, not, chord]): MenuItem[] => {
    const added = not ? filter.isNot : filter.is
    if (added === undefined || (joint !== 'replace' && current.trim() === '')) return []
    const joined = joinFilters(current, joint, added)
    return [
      {
        title,
        chord,
        disabled:
          joined === undefined &&
          'The filter is a search for words, or has an error: it cannot be joined with another.',
        run: () => joined !== undefined && apply(joined),
      },
    ]
  })
  const [first, ...others] = items
  return [
    ...(first ? [{ ...first, group: filter.is }] : []),
    ...others,
    { title: 'Find the next packet like this', run: () => find(filter.is) },
    { title: 'Colour packets like this…', run: () => colour(filter.is) },
  ]
}

/** The keys of the menu, for panes that listen to them without opening it. */
export const filterKeys: ReadonlyMap<string, { readonly joint: Joint; readonly not: boolean }> = new Map(
  entries.flatMap(([, joint, not, chord]) => (chord === undefined ? [] : [[chord, { joint, not }]])),
)
