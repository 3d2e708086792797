/** The commands about saved messages. */
import { join } from 'node:path'
import type { HandlersOf } from '../../../shared/contract/command.ts'
import type { savedMessageCommands } from '../../../shared/contract/saved-messages.ts'
import { HISTORY_FILE, SentHistory } from './history.ts'
import { KeptFiles } from '../workspace/kept-files.ts'
import { messageFormat, savedMessage } from './format.ts'

export interface MessageService {
  readonly handlers: HandlersOf<typeof savedMessageCommands>
  /** Waits for what is being written. */
  stop(): Promise<void>
}

/** `folder`: the workspace. Nothing is read or made before it is asked for. */
export function createMessages(folder: string, onProblem: (text: string) => void): MessageService {
  const store = new KeptFiles(join(folder, 'messages'), messageFormat)
  const history = new SentHistory(join(folder, HISTORY_FILE), onProblem)
  return {
    handlers: {
      async 'messages.list'({ text }) {
        const { rows, ...counts } = await store.list(text)
        return { messages: rows, ...counts }
      },
      'messages.read': async ({ path }) => savedMessage(await store.read(path)),
      'messages.save': async ({ path, over, ...kept }) => savedMessage(await store.save(path, kept, over)),
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
