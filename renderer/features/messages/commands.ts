/** What can be done in the messages view by name or key. */
import type { Command } from '../../app/command.ts'
import type { Model } from '../../app/model.ts'
import { requestKinds } from '../../../shared/usp/kinds.ts'
import { requestAt, sendAgain } from './send-again.ts'

const isHere = (model: Model): boolean =>
  model.frame.getState().place === 'messages' && model.messages.getState().mode === 'message'
const fileOf = (model: Model) => model.messages.getState().file

/** Over the open file, or under a name that is asked for. */
export async function saveMessage(model: Model): Promise<void> {
  const file = fileOf(model)
  if (!file) return model.show('message-save')
  const error = await model.messages.save(file.path)
  if (error) model.notices.getState().fail(error)
  else model.notices.getState().say(`Saved ${file.path}.`)
}

export async function openMessage(model: Model, path: string): Promise<void> {
  const error = await model.messages.open(path)
  if (error) model.notices.getState().fail(error)
}

export const messageCommands: readonly Command[] = [
  {
    id: 'messages.send',
    group: 'Messages',
    title: 'Send the message',
    available: (model) => {
      const { running, targets, draft } = model.messages.getState()
      return isHere(model) && !running && targets.length > 0 && !draft.fault
    },
    run: (model) => void model.messages.send(),
  },
  {
    id: 'messages.again',
    group: 'Messages',
    title: 'Send the request again',
    keys: ['shift+s'],
    available: (model) => requestAt(model) !== undefined,
    run: sendAgain,
  },
  {
    id: 'messages.stop',
    group: 'Messages',
    title: 'Stop sending',
    available: (model) => model.messages.getState().running,
    run: (model) => model.messages.stop(),
  },
  {
    id: 'messages.save',
    group: 'Messages',
    title: 'Save the message',
    available: isHere,
    run: (model) => void saveMessage(model),
  },
  {
    id: 'messages.save-as',
    group: 'Messages',
    title: 'Save the message under another name',
    available: isHere,
    run: (model) => model.show('message-save'),
  },
  {
    id: 'messages.rename',
    group: 'Messages',
    title: 'Rename the saved message',
    available: (model) => isHere(model) && fileOf(model) !== undefined,
    run: (model) => model.show('message-rename'),
  },
  {
    id: 'messages.import',
    group: 'Messages',
    title: 'Import messages, also those of Oktopus',
    run: (model) => {
      model.goTo('messages')
      model.show('message-import')
    },
  },
  ...requestKinds.map((kind): Command => ({
    id: `messages.new.${kind}`,
    group: 'Messages',
    title: `New ${kind}`,
    run: (model) => {
      model.goTo('messages')
      model.messages.fresh(kind)
    },
  })),
]
