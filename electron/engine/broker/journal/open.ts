/** Opens the journal of a workspace, if there is to be one and it can be used. */
import { forgetful, type StateLog } from '../sessions/log.ts'
import { Journal, type JournalOptions } from './journal.ts'
import { readJournal } from './read.ts'
import { restore, type Restored } from './restore.ts'
import { clockNow } from '../clock.ts'

export interface OpenJournal {
  readonly log: StateLog
  readonly journal: Journal | undefined
  /** Puts back what was kept, and keeps what changes from then on. */
  recall(to: Restored): Promise<void>
}

const none: OpenJournal = { log: forgetful, journal: undefined, recall: () => Promise.resolve() }

/** Whatever is wrong with the file, the broker starts, and it is said. */
export async function openJournal(options: JournalOptions | undefined): Promise<OpenJournal> {
  if (!options) return none
  const read = await readJournal(options.path).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error)
    options.onProblem(`${options.path} cannot be read, so sessions are not kept beyond a restart: ${reason}`)
    return undefined
  })
  if (!read) return none
  if (read.problem !== undefined) options.onProblem(read.problem)
  if (read.newer) return none
  const journal = new Journal(options)
  return {
    log: journal,
    journal,
    recall(to) {
      restore(read.image, to, clockNow())
      return journal.start(() => ({ sessions: to.states.all, retained: to.retained.all }))
    },
  }
}
