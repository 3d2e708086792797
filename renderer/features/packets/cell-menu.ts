/** What can be done with a cell of the list or a field of the tree: the menus of a right click. */
import type { PacketRow } from '../../../shared/contract/model.ts'
import type { Field } from '../../../shared/dissect/field.ts'
import { copy } from '../../app/command.ts'
import { commandById, runCommand } from '../../app/commands.ts'
import type { Model } from '../../app/model.ts'
import { hexString } from '../../ui/hex.ts'
import type { MenuItem } from '../../ui/menu.tsx'
import { nameOf, type Column } from './columns.ts'
import { filterMenu, filterOfCell, filterOfField, type FieldFilter } from './filter-menu.ts'
import { addColourRule, sayFound } from './actions.ts'
import type { PacketsTab } from './tab.ts'

/** Entries that filter by a value, bound to a tab. */
const boundFilterMenu = (model: Model, tab: PacketsTab, filter: FieldFilter | undefined): MenuItem[] =>
  filterMenu(filter, {
    current: tab.getState().filter,
    apply: (text) => tab.setFilter(text, true),
    find: (text) => {
      tab.setState({ find: text, findOpen: true })
      void sayFound(model, tab, text, 'next')
    },
    colour: (text) => addColourRule(model, text),
  })

const byCommand = (model: Model, id: string, group?: string): MenuItem[] => {
  const command = commandById(id)
  if (command.available && !command.available(model)) return []
  return [
    {
      title: command.title,
      chord: command.keys?.[0],
      ...(group !== undefined && { group }),
      run: () => void runCommand(command, model),
    },
  ]
}

export function cellMenu(
  model: Model,
  tab: PacketsTab,
  row: PacketRow,
  column: Column | undefined,
): MenuItem[] {
  const filter = column && filterOfCell(column, row)
  const value = column?.field?.(row)?.[1]
  return [
    ...boundFilterMenu(model, tab, filter),
    ...(column && value !== undefined
      ? [
          {
            title: `Copy ${nameOf(column).toLowerCase()}`,
            group: '',
            run: () => void copy(model, nameOf(column).toLowerCase(), String(value)),
          },
        ]
      : []),
    ...byCommand(model, 'packets.mark', ''),
    ...byCommand(model, 'packets.compare-base'),
    ...byCommand(model, 'access.ask-packet'),
    ...byCommand(model, 'flows.record'),
    ...byCommand(model, 'captures.export'),
    ...byCommand(model, 'packets.copy-hex', 'Copy packet'),
    ...byCommand(model, 'packets.copy-text'),
    ...byCommand(model, 'packets.copy-json'),
    ...byCommand(model, 'packets.copy-c'),
    ...byCommand(model, 'packets.copy-pub'),
  ]
}

/** `bytes` are those of the packet that the field stands in. */
export function fieldMenu(model: Model, tab: PacketsTab, field: Field, bytes: Uint8Array): MenuItem[] {
  const filter = filterOfField(field, bytes)
  const copied = (title: string, what: string, text: string, group?: string): MenuItem => ({
    title,
    ...(group !== undefined && { group }),
    run: () => void copy(model, what, text),
  })
  return [
    ...boundFilterMenu(model, tab, filter),
    ...(field.text ? [copied('Copy value', `the value of ${field.label}`, field.text, '')] : []),
    copied('Copy filter name', 'the filter name', field.name, field.text ? undefined : ''),
    ...(filter ? [copied('Copy as filter', 'the filter', filter.is)] : []),
    ...(field.end > field.start
      ? [copied('Copy bytes as hex', 'the bytes as hex', hexString(bytes.subarray(field.start, field.end)))]
      : []),
  ]
}
