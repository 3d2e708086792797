/** The flow that is being edited: its file, its text, what is wrong with it, breakpoints; and changes not saved. */
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Host } from '../../../shared/contract/host.ts'
import type { BenchError } from '../../../shared/contract/result.ts'
import type { LiveStore } from '../../app/live.ts'
import { changeBetween } from '../../ui/editor/change.ts'
import { createDrafts } from './drafts.ts'
import { movedPlace, nothingParsed, stepAtOffset, stepInLine, type Parsed } from './parsed.ts'
import { createParser } from './parser.ts'

export interface EditorState {
  /** Nothing is open yet. */
  readonly isOpen: boolean
  /** Absent: a flow that has no file yet. */
  readonly path: string | undefined
  /** Under which changes are kept: the path, or `new` and a number. */
  readonly slot: string
  readonly text: string
  /** What the file holds, and its stamp; `new` where there is none. */
  readonly saved: string
  readonly stamp: string
  /** Of the text, a moment ago. */
  readonly parsed: Parsed
  /** The file as somebody else wrote it meanwhile. */
  readonly theirs: { readonly text: string; readonly stamp: string } | undefined
  /** Starts of the steps to hold before. */
  readonly breakpoints: readonly number[]
  readonly caret: number
  /** A place to be shown. */
  readonly reveal: { readonly at: number } | undefined
  /** Files with changes that are not saved. */
  readonly drafts: readonly { readonly slot: string; readonly name: string }[]
  /** The changes are too large to be kept over a reload. */
  readonly unkept: boolean
}

export interface FlowEditor extends StoreApi<EditorState> {
  /** Opens a file, with the changes that were not saved. */
  readonly open: (path: string) => Promise<BenchError | undefined>
  /** A flow without a file. */
  readonly fresh: (text: string) => void
  /** A flow without a file that was begun before. */
  readonly openDraft: (slot: string) => void
  /** Throws away what has no file. */
  readonly discard: (slot: string) => void
  readonly setText: (text: string) => void
  /** The flow in the text as it is now. */
  readonly parse: () => Promise<Parsed>
  readonly setCaret: (at: number) => void
  /** Saves over the file that is open, or as a new one. `force`: over what somebody else wrote. */
  readonly save: (path: string, force?: boolean) => Promise<BenchError | undefined>
  /** Back to what the file holds, or to what somebody else wrote. */
  readonly revert: () => void
  readonly rename: (to: string) => Promise<BenchError | undefined>
  readonly remove: (path: string) => Promise<BenchError | undefined>
  /** At the step of the line that begins there, or that the caret is in. */
  readonly toggleBreakpoint: (lineStart?: number) => Promise<boolean>
  readonly showStep: (path: string) => boolean
  /** Puts the keyboard into the text. */
  readonly focus: () => void
  /** The next thing that is wrong behind the caret. */
  readonly showProblem: () => Promise<boolean>
  readonly close: () => void
}

const TYPING_PAUSE = 200
/** No path begins so. */
const NEW = 'new '
export const isNewDraft = (slot: string): boolean => slot.startsWith(NEW) && !slot.endsWith('.yaml')

export const isDirty = ({ isOpen, text, saved, path }: EditorState): boolean =>
  isOpen && (text !== saved || path === undefined)

export function createEditor(host: Host, live: LiveStore, storage: Storage): FlowEditor {
  const drafts = createDrafts(storage)
  const parser = createParser()
  const store = createStore<EditorState>(() => ({
    isOpen: false,
    path: undefined,
    slot: '',
    text: '',
    saved: '',
    stamp: 'new',
    parsed: nothingParsed,
    theirs: undefined,
    breakpoints: [],
    caret: 0,
    reveal: undefined,
    drafts: drafts.list(),
    unkept: false,
  }))
  let typing: ReturnType<typeof setTimeout> | undefined

  let reading: { readonly text: string; readonly done: Promise<Parsed> } | undefined
  /** Resolves with what the text is by then. One reading at a time: who types on does not heap them up. */
  const parse = async (): Promise<Parsed> => {
    for (;;) {
      const { text, parsed } = store.getState()
      if (text === parsed.text) return parsed
      reading ??= { text, done: parser.parse(text).finally(() => (reading = undefined)) }
      const { text: read, done } = reading
      const next = await done
      if (store.getState().text === read) return take(next)
    }
  }
  const take = (next: Parsed): Parsed => {
    const { text, parsed, breakpoints } = store.getState()
    if (parsed.text === text) return parsed
    // A text that cannot be read has its steps where they were, so that signs beside it stay.
    const steps = next.flow ? next.steps : movedSteps(parsed, text)
    const kept = next.flow
      ? breakpoints.filter((at) => stepInLine(text, steps, lineStart(text, at)))
      : breakpoints
    const taken = { ...next, steps }
    store.setState({ parsed: taken, ...(kept.length !== breakpoints.length && { breakpoints: kept }) })
    return taken
  }
  const keep = () => {
    const state = store.getState()
    const { slot, text, stamp } = state
    const ok = drafts.set(slot, isDirty(state) ? { text, stamp } : undefined)
    store.setState({ drafts: drafts.list(), unkept: !ok })
  }
  type Begun = Pick<EditorState, 'path' | 'slot' | 'text' | 'saved' | 'stamp'>
  const begin = (change: Begun) => {
    store.setState({
      parsed: nothingParsed,
      isOpen: true,
      theirs: undefined,
      breakpoints: [],
      caret: 0,
      reveal: undefined,
      ...change,
    })
    void parse()
  }

  /** Takes the file as it is now: into the editor when nothing is lost by it. */
  const look = async (path: string) => {
    const answer = await host.call('flows.read', { path })
    const state = store.getState()
    if (!answer.ok || state.path !== path || answer.value.stamp === state.stamp) return
    const { text, stamp } = answer.value
    if (isDirty(state) && text !== state.text) return store.setState({ theirs: { text, stamp } })
    store.setState({ text, saved: text, stamp, theirs: undefined })
    void parse()
    keep()
  }
  const end = live.subscribe(({ flowFiles }, old) => {
    const { path } = store.getState()
    if (path === undefined || flowFiles === old.flowFiles) return
    const at = (list: typeof flowFiles) => list?.files?.find((file) => file.path === path)?.changedAt
    if (at(flowFiles) !== undefined && at(flowFiles) !== at(old.flowFiles)) void look(path)
  })

  const setText = (text: string) => {
    const { text: before, breakpoints } = store.getState()
    const change = changeBetween(before, text)
    const moved = breakpoints.flatMap((at) => movedPlace(at, change) ?? [])
    store.setState({ text, breakpoints: moved })
    clearTimeout(typing)
    typing = setTimeout(() => {
      void parse()
      keep()
    }, TYPING_PAUSE)
  }
  const settle = () => {
    void parse()
    if (store.getState().isOpen) keep()
  }

  /** By the time, so that windows beside each other do not take the same. */
  const freeSlot = (): string => {
    for (let time = Date.now(); ; time++) if (!drafts.get(`${NEW}${time}`)) return `${NEW}${time}`
  }
  /** What is no longer there is not shown any more. */
  const forget = (slot: string) => {
    const nothing = {
      isOpen: false,
      path: undefined,
      slot: '',
      text: '',
      saved: '',
      breakpoints: [],
      theirs: undefined,
    }
    const isOwn = store.getState().slot === slot
    store.setState({ drafts: drafts.list(), ...(isOwn && { ...nothing, parsed: nothingParsed }) })
  }

  return Object.assign(store, {
    async open(path: string) {
      settle()
      const answer = await host.call('flows.read', { path })
      if (!answer.ok) return answer.error
      const { text, stamp } = answer.value
      const draft = drafts.get(path)
      begin({ path, slot: path, text: draft?.text ?? text, saved: text, stamp: draft?.stamp ?? stamp })
      if (draft && draft.stamp !== stamp) store.setState({ theirs: { text, stamp } })
      return undefined
    },
    fresh(text: string) {
      settle()
      begin({ path: undefined, slot: freeSlot(), text, saved: '', stamp: 'new' })
      keep()
    },
    openDraft(slot: string) {
      settle()
      const draft = drafts.get(slot)
      if (draft) begin({ path: undefined, slot, text: draft.text, saved: '', stamp: 'new' })
    },
    discard(slot: string) {
      drafts.set(slot, undefined)
      forget(slot)
    },
    setText,
    parse,
    setCaret: (caret: number) => store.setState({ caret }),
    async save(path: string, force = false) {
      const { text, stamp, path: own, slot } = store.getState()
      const over = path === own ? stamp : 'new'
      const answer = await host.call('flows.write', { path, text, ...(!force && { over }) })
      if (!answer.ok) {
        if (answer.error.code === 'conflict' && path === own) await look(path)
        return answer.error
      }
      drafts.set(slot, undefined)
      store.setState({ path, slot: path, saved: text, stamp: answer.value.stamp, theirs: undefined })
      keep()
      return undefined
    },
    revert() {
      const { saved, theirs, stamp } = store.getState()
      const text = theirs?.text ?? saved
      store.setState({ text, saved: text, stamp: theirs?.stamp ?? stamp, theirs: undefined })
      settle()
    },
    async rename(to: string) {
      const { path } = store.getState()
      if (path === undefined) return undefined
      const answer = await host.call('flows.rename', { from: path, to })
      if (!answer.ok) return answer.error
      drafts.set(path, undefined)
      store.setState({ path: to, slot: to })
      keep()
      return undefined
    },
    async remove(path: string) {
      const answer = await host.call('flows.delete', { path })
      if (!answer.ok) return answer.error
      drafts.set(path, undefined)
      forget(path)
      return undefined
    },
    async toggleBreakpoint(line?: number) {
      await parse()
      const { text, parsed, breakpoints, caret } = store.getState()
      const inLine = stepInLine(text, parsed.steps, line ?? lineStart(text, caret))
      const step = inLine ?? (line === undefined ? stepAtOffset(parsed.steps, caret) : undefined)
      if (!step) return false
      const isSet = breakpoints.includes(step.start)
      store.setState({
        breakpoints: isSet ? breakpoints.filter((at) => at !== step.start) : [...breakpoints, step.start],
      })
      return true
    },
    focus: () => store.setState({ reveal: { at: store.getState().caret } }),
    showStep(path: string) {
      const step = store.getState().parsed.steps.find((one) => one.path === path)
      if (step) store.setState({ reveal: { at: step.start } })
      return step !== undefined
    },
    async showProblem() {
      const parsed = await parse()
      const { caret } = store.getState()
      const next = parsed.problems.find(({ start }) => start > caret) ?? parsed.problems[0]
      if (next) store.setState({ reveal: { at: next.start } })
      return next !== undefined
    },
    close() {
      clearTimeout(typing)
      if (store.getState().isOpen) keep()
      end()
      parser.close()
    },
  })
}

const lineStart = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1

function movedSteps({ text: before, steps }: Parsed, text: string): Parsed['steps'] {
  const change = changeBetween(before, text)
  return steps.flatMap((step) => {
    const start = movedPlace(step.start, change)
    const end = movedPlace(step.end, change)
    return start === undefined || end === undefined ? [] : [{ ...step, start, end }]
  })
}
