/** What can be done with access, by name and key. */
import type { Command } from '../../app/command.ts'
import type { Model } from '../../app/model.ts'
import { rowAt } from '../../list/list-store.ts'
import { questionsOf } from './ask.ts'
import type { AccessTab } from './store.ts'

const inRules = ({ frame, access, live }: Model): boolean =>
  frame.getState().place === 'access' &&
  access.getState().tab === 'rules' &&
  live.getState().access !== undefined
const selected = (model: Model): string | undefined => {
  const { rule } = model.access.getState()
  return inRules(model) && model.access.rules().some(({ id }) => id === rule) ? rule : undefined
}
const draftOf = (model: Model) => (inRules(model) ? model.access.getState().draft : undefined)

const onRule = (
  id: string,
  title: string,
  keys: string[],
  run: (model: Model, rule: string) => void,
): Command => ({
  id: `access.${id}`,
  group: 'Access',
  title,
  ...(keys.length > 0 && { keys }),
  available: (model) => selected(model) !== undefined,
  run: (model) => run(model, selected(model) ?? ''),
})

const inTab = (tab: AccessTab, title: string): Command => ({
  id: `access.tab.${tab}`,
  group: 'Go to',
  title,
  run: (model) => {
    model.access.open(tab)
    model.goTo('access')
  },
})

/** Packets that the list may be asked about. */
const askedTypes: ReadonlySet<string> = new Set(['CONNECT', 'PUBLISH', 'SUBSCRIBE'])

function rowUnderCursor({ frame, packets }: Model) {
  if (!['packets', 'ladder'].includes(frame.getState().place)) return undefined
  const list = packets.current().list.getState()
  return list.cursor && rowAt(list, list.cursor.index)
}

async function askAboutPacket(model: Model): Promise<void> {
  const row = rowUnderCursor(model)
  if (!row) return
  const { capture } = model.packets.current()
  const { no, type } = row
  const answer = await model.host.call('packets.get', { capture, no })
  const { fail } = model.notices.getState()
  if (!answer.ok) return fail(answer.error)
  const questions = questionsOf(answer.value)
  if (questions.length === 0) {
    const why = type === 'CONNECT' ? 'this CONNECT has no will' : 'it is not a whole packet from a client'
    return fail({ code: 'not-found', message: `The rules are not asked about packet ${no}: ${why}.` })
  }
  model.access.askAbout({ no, capture, questions })
  model.goTo('access')
}

const dialog = (name: 'history' | 'import' | 'export', title: string): Command => ({
  id: `access.${name}`,
  group: 'Access',
  title,
  run: (model) => {
    model.access.open('rules')
    model.goTo('access')
    model.show(`access-${name}`)
  },
})

export const accessCommands: readonly Command[] = [
  inTab('rules', 'Access: rules'),
  inTab('ask', 'Access: ask the rules'),
  inTab('dry-run', 'Access: dry run of the rules over a recording'),
  inTab('proposal', 'Access: propose rules from a recording'),
  inTab('denials', 'Access: denials and knocks'),
  inTab('users', 'Access: users'),
  {
    id: 'access.add',
    group: 'Access',
    title: 'New rule after the one under the cursor',
    keys: ['insert'],
    available: inRules,
    run: (model) => model.access.add(),
  },
  onRule('duplicate', 'Duplicate the rule', ['mod+d'], (model, rule) => model.access.duplicate(rule)),
  // Its key belongs to the list alone: elsewhere it deletes text.
  onRule('remove', 'Delete the rule', [], (model, rule) => model.access.remove(rule)),
  onRule('up', 'Move the rule up', ['alt+arrowup'], (model, rule) => model.access.moveBy(rule, -1)),
  onRule('down', 'Move the rule down', ['alt+arrowdown'], (model, rule) => model.access.moveBy(rule, 1)),
  {
    id: 'access.undo',
    group: 'Access',
    title: 'Undo the last edit of the rules',
    keys: ['mod+z'],
    available: (model) => (draftOf(model)?.past.length ?? 0) > 0,
    run: (model) => model.access.undo(),
  },
  {
    id: 'access.redo',
    group: 'Access',
    title: 'Redo the edit of the rules',
    keys: ['mod+shift+z', 'mod+y'],
    available: (model) => (draftOf(model)?.future.length ?? 0) > 0,
    run: (model) => model.access.redo(),
  },
  {
    id: 'access.save',
    group: 'Access',
    title: 'Save the rules',
    available: (model) => draftOf(model) !== undefined && model.access.difference().count > 0,
    run: (model) => model.show('access-save'),
  },
  {
    id: 'access.ask-packet',
    group: 'Access',
    title: 'Ask the access rules about this packet',
    available: (model) => askedTypes.has(rowUnderCursor(model)?.type ?? ''),
    run: (model) => void askAboutPacket(model),
  },
  dialog('history', 'History of the rules'),
  dialog('import', 'Import rules from Mosquitto, EMQX or HiveMQ'),
  dialog('export', 'Export the rules for Mosquitto, EMQX or HiveMQ'),
]
