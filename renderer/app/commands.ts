/**
 * Everything a person can do by name or key. The palette, the key handler and the sheet of keys all read this
 * one list.
 */
import { accessCommands } from '../features/access/commands.ts'
import { addressCommands, benchCommands } from '../features/bench/commands.ts'
import { attachCommands } from '../features/attach/commands.ts'
import { captureCommands } from '../features/captures/commands.ts'
import { certificateCommands } from '../features/certificates/commands.ts'
import { clientCommands } from '../features/client/commands.ts'
import { dataModelCommands } from '../features/datamodel/commands.ts'
import { deviceCommands } from '../features/devices/commands.ts'
import { doctorCommands } from '../features/doctor/commands.ts'
import { flowCommands } from '../features/flows/commands.ts'
import { faultCommands } from '../features/faults/commands.ts'
import { ladderCommands } from '../features/ladder/commands.ts'
import { messageCommands } from '../features/messages/commands.ts'
import { packetCommands } from '../features/packets/commands.ts'
import { sessionCommands } from '../features/sessions/commands.ts'
import { topicCommands } from '../features/topics/commands.ts'
import { transactionCommands } from '../features/transactions/commands.ts'
import { listCommands } from '../list/commands.ts'
import type { Command } from './command.ts'
import type { Model, Place } from './model.ts'
import type { Settings } from './settings.ts'

const go = (place: Place, title: string, key: string): Command => ({
  id: `go.${place}`,
  group: 'Go to',
  title,
  keys: [key],
  run: (model) => model.goTo(place),
})

const theme = (value: Settings['theme'], title: string): Command => ({
  id: `theme.${value}`,
  group: 'Look',
  title,
  run: (model) => model.settings.getState().set({ theme: value }),
})

/** What Ctrl Enter sends or runs, by place. */
const submits: Readonly<Partial<Record<Place, string>>> = {
  messages: 'messages.send',
  flows: 'flows.run',
  client: 'client.publish',
}
/** What Ctrl S saves, by place. */
const saves: Readonly<Partial<Record<Place, string>>> = {
  access: 'access.save',
  messages: 'messages.save',
  flows: 'flows.save',
  client: 'client.save',
}
const forPlace = (id: string, title: string, key: string, byPlace: typeof saves): Command => {
  const here = ({ frame }: Model): Command | undefined => {
    const own = byPlace[frame.getState().place]
    return own === undefined ? undefined : commandById(own)
  }
  return {
    id,
    group: 'Help',
    title,
    keys: [key],
    keyOnly: true,
    available: (model) => here(model)?.available?.(model) ?? false,
    run: (model) => here(model)?.run(model),
  }
}

const commands: readonly Command[] = [
  go('bench', 'Bench', 'g b'),
  go('devices', 'Devices', 'g d'),
  go('packets', 'Packets', 'g p'),
  go('ladder', 'Ladder', 'g l'),
  go('transactions', 'Transactions', 'g r'),
  go('topics', 'Topics', 'g o'),
  go('sessions', 'Sessions', 'g e'),
  go('captures', 'Captures', 'g c'),
  go('lint', 'Findings', 'g f'),
  go('datamodel', 'Data model', 'g v'),
  go('messages', 'Messages', 'g m'),
  go('flows', 'Flows', 'g w'),
  go('client', 'MQTT client', 'g q'),
  go('faults', 'Faults', 'g u'),
  go('access', 'Access', 'g a'),
  go('certificates', 'Certificates', 'g t'),
  go('nats', 'NATS', 'g n'),
  go('settings', 'Settings', 'g s'),
  {
    id: 'palette',
    group: 'Help',
    title: 'Find a command',
    keys: ['mod+k'],
    keyOnly: true,
    run: (model) => model.show('palette'),
  },
  forPlace('save', 'Save what is being edited', 'mod+s', saves),
  forPlace('submit', 'Send or run what is being edited', 'mod+enter', submits),
  { id: 'keys', group: 'Help', title: 'Keys', keys: ['?'], run: (model) => model.show('keys') },

  ...listCommands,
  ...packetCommands,
  ...ladderCommands,
  ...transactionCommands,
  ...topicCommands,
  ...sessionCommands,
  ...captureCommands,
  ...deviceCommands,
  ...dataModelCommands,
  ...attachCommands,
  ...doctorCommands,
  ...messageCommands,
  ...flowCommands,
  ...clientCommands,
  ...faultCommands,
  ...benchCommands,
  ...accessCommands,
  ...certificateCommands,
  theme('system', 'Theme of the system'),
  theme('dark', 'Dark theme'),
  theme('light', 'Light theme'),
]

/** Commands with keys, in the order of the sheet. */
export const keyedCommands: readonly Command[] = commands.filter((command) => command.keys)

export const commandById = (id: string): Command => {
  const found = commands.find((command) => command.id === id)
  if (!found) throw new Error(`No command is called ${id}`)
  return found
}

/** What can be done now, for the palette. */
export function availableCommands(model: Model): Command[] {
  return [...commands, ...addressCommands(model)].filter(
    (command) => !command.keyOnly && (command.available?.(model) ?? true),
  )
}

/** Runs a command if it can be done now; answers whether it was. */
export function runCommand(command: Command, model: Model): boolean {
  if (command.available && !command.available(model)) return false
  command.run(model)
  return true
}
