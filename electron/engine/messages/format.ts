/** Saved messages as files below `messages/` of the workspace. */
import {
  MAX_SAVED_TEXT,
  type SavedMessage,
  type SavedMessageRow,
} from '../../../shared/contract/saved-messages.ts'
import { draftOf } from '../../../shared/usp/forms/draft.ts'
import { formatKept, readKept, type KeptMessage } from '../../../shared/usp/forms/kept.ts'
import type { KeptFile, KeptFormat } from '../workspace/kept-files.ts'

type Message = Omit<KeptMessage, 'name'>

export const messageFormat: KeptFormat<Message, Pick<SavedMessageRow, 'kind' | 'note'>> = {
  noun: 'message',
  maxFileBytes: 4 * MAX_SAVED_TEXT,
  read: readKept,
  format: formatKept,
  look({ text, note }) {
    const { kind, fault } = draftOf(text)
    return { row: { note, ...(fault ? {} : { kind }) }, words: `${note}\n${text}` }
  },
  emptyRow: { note: '' },
}

export const savedMessage = ({ path, kept, stamp }: KeptFile<Message>): SavedMessage => {
  const { text, note, variables } = kept
  return { path, text, note, variables, stamp }
}
