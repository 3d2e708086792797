/** What can be done with the transaction under the cursor. */
import { copy, type Command } from '../../app/command.ts'
import type { Model } from '../../app/model.ts'
import { rowAt } from '../../list/list-store.ts'
import { showFiltered } from '../packets/actions.ts'
import { packetsOf } from './words.ts'

const at = (model: Model) => model.frame.getState().place
const rowOf = (model: Model) => (at(model) === 'transactions' ? model.transactions.getState().row : undefined)

/** Shows the packets of the transaction, and nothing else. */
function showPackets(model: Model): boolean {
  const row = rowOf(model)
  if (!row) return false
  const { capture } = model.transactions.list.getState().params
  showFiltered(model, capture, `frame.number in {${packetsOf(row).join(', ')}}`)
  return true
}

/** The packet under the cursor of the packet list, when a Msg stands in it. */
function msgPacket(model: Model): number | undefined {
  if (at(model) !== 'packets' && at(model) !== 'ladder') return undefined
  const list = model.packets.current().list.getState()
  const row = list.cursor && rowAt(list, list.cursor.index)
  return row?.msgId ? row.no : undefined
}

export const transactionCommands: readonly Command[] = [
  {
    id: 'transactions.packets',
    group: 'Transactions',
    title: 'Show the packets of the transaction',
    available: (model) => rowOf(model) !== undefined,
    run: (model) => void showPackets(model),
  },
  {
    id: 'transactions.ladder',
    group: 'Transactions',
    title: 'Show the transaction in the ladder',
    available: (model) => rowOf(model) !== undefined,
    run: (model) => {
      if (showPackets(model)) model.goTo('ladder')
    },
  },
  {
    id: 'transactions.copy',
    group: 'Transactions',
    title: 'Copy the transaction as JSON',
    available: (model) => rowOf(model) !== undefined,
    run: (model) => void copy(model, 'the transaction', JSON.stringify(rowOf(model), null, 2)),
  },
  {
    id: 'transactions.of-packet',
    group: 'Transactions',
    title: 'Show the transaction of the packet',
    keys: ['x'],
    available: (model) => msgPacket(model) !== undefined,
    run: async (model) => {
      const no = msgPacket(model)
      if (no === undefined) return
      const { capture } = model.packets.current()
      const { say, fail } = model.notices.getState()
      const found = await model.host.call('transactions.of', { capture, no })
      if (!found.ok) return fail(found.error)
      model.goTo('transactions')
      if (found.value.id === 0 || !(await model.transactions.show(found.value.id)))
        say(`Packet ${no} belongs to no transaction that is held.`)
    },
  },
]
