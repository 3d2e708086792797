/** How packets are looked at, in `look.json` of the workspace: content views by topic, saved filters, colours. */
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { EngineHandlers } from '../../../shared/contract/contract.ts'
import {
  formatLook,
  MAX_LOOK,
  parseLook,
  type lookCommands,
  type LookState,
} from '../../../shared/contract/look.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { contentViews } from '../../../shared/dissect/content/views.ts'
import { isTopicFilter } from '../../../shared/mqtt/topics.ts'
import { errorCode, setAside, writeWhole } from './files.ts'

export interface LookOptions {
  /** Folder of the workspace. */
  readonly folder: string
  readonly onChange: (state: LookState) => void
  readonly onProblem: (text: string) => void
}

export interface Look {
  readonly state: LookState
  readonly handlers: Pick<EngineHandlers, keyof typeof lookCommands>
  /** Waits for a write under way. */
  close(): Promise<void>
}

export const LOOK_FILE = 'look.json'
const nothing: LookState = { contents: [], savedFilters: [], colourRules: [] }

/** A file that cannot be read is set aside and told; one of a newer bench is left alone, and nothing is saved. */
export async function openLook({ folder, onChange, onProblem }: LookOptions): Promise<Look> {
  const path = join(folder, LOOK_FILE)
  const read = await load(path, onProblem)
  let state = read === 'newer' ? nothing : read
  let writing: Promise<void> = Promise.resolve()

  /** BenchFailure `unavailable` when it cannot be written; it is in force nevertheless. */
  async function change(part: Partial<LookState>): Promise<void> {
    state = { ...state, ...part }
    onChange(state)
    if (read === 'newer') throw new BenchFailure('unavailable', newerText)
    const text = formatLook(state)
    const written = writing.then(() => writeWhole(path, text))
    writing = written.catch(() => undefined)
    await written.catch((error: unknown) => {
      throw new BenchFailure('unavailable', `${LOOK_FILE} cannot be written: ${messageOf(error)}.`)
    })
  }

  return {
    get state() {
      return state
    },
    handlers: {
      'look.setContent': ({ filter, view }) => {
        const others = state.contents.filter((choice) => choice.filter !== filter)
        if (view === undefined) return change({ contents: others })
        checkChoice(filter, view, others.length)
        return change({ contents: [...others, { filter, view }] })
      },
      'look.setFilters': ({ savedFilters }) => change({ savedFilters }),
      'look.setColours': ({ colourRules }) => change({ colourRules }),
    },
    close: () => writing,
  }
}

function checkChoice(filter: string, view: string, others: number): void {
  const validity = isTopicFilter(filter)
  if (!validity.valid)
    throw new BenchFailure('invalid-request', `The topic filter ${filter} ${validity.reason}.`)
  // `auto`: the best one although a wider filter says another.
  if (view !== 'auto' && !contentViews.some(({ id }) => id === view))
    throw new BenchFailure('invalid-request', `There is no content view “${view}”.`)
  if (others >= MAX_LOOK)
    throw new BenchFailure('conflict', `${MAX_LOOK} topics have a view of their own: remove one first.`)
}

const newerText = `${LOOK_FILE} was written by a newer Oktobench: saved filters, colours and views of topics are not used and not saved. Update Oktobench.`

async function load(path: string, onProblem: LookOptions['onProblem']): Promise<LookState | 'newer'> {
  try {
    const read = parseLook(await readFile(path, 'utf8'))
    if (read === 'newer') onProblem(newerText)
    return read
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return nothing
    const aside = await setAside(path, new Date())
    onProblem(
      `${LOOK_FILE} cannot be read: ${messageOf(error)}. It is kept as ${basename(aside)}; filters, colours and views of topics begin anew.`,
    )
    return nothing
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
