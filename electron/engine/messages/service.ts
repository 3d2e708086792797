/** The commands about saved messages. */
import { join } from 'node:path'
import type { HandlersOf } from '../../../shared/contract/command.ts'
import type { savedMessageCommands } from '../../../shared/contract/saved-messages.ts'
import { HISTORY_FILE, SentHistory } from './history.ts'
import { MessageStore } from './store.ts'

export interface MessageService {
  readonly handlers: HandlersOf<typeof savedMessageCommands>
  /** Waits for what is being written. */
  stop(): Promise<void>
}

/** `folder`: the workspace. Nothing is read or made before it is asked for. */
export function createMessages(folder: string, onProblem: (text: string) => void): MessageService {
  const store = new MessageStore(join(folder, 'messages'))
  const history = new SentHistory(join(folder, HISTORY_FILE), onProblem)
  return {
    handlers: {
      'messages.list': ({ text }) => store.list(text),
      'messages.read': ({ path }) => store.read(path),
      'messages.save': ({ path, over, ...kept }) => store.save(path, kept, over),
      'messages.rename': ({ from, to }) => store.rename(from, to),
      'messages.delete': ({ path }) => store.trash(path),
      'messages.import': ({ folder: into, name, text }) => store.import(into, name, text),
      'messages.history': () => history.all(),
      'messages.remember': (message) => history.add(message),
      'messages.clearHistory': () => history.clear(),
    },
    stop: () => history.settle(),
  }
}
