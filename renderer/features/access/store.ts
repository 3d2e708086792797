/** What the access view holds: the draft of the rules, the users, and what is selected. Never a secret. */
import { createStore, type StoreApi } from 'zustand/vanilla'
import { analyseInSlices, type AclFinding } from '../../../shared/acl/analysis.ts'
import type { AclRule } from '../../../shared/acl/model.ts'
import type { PacketQuestion } from '../../../shared/acl/packet-questions.ts'
import type { DenialInfo, UserInfo } from '../../../shared/contract/access.ts'
import type { Host } from '../../../shared/contract/host.ts'
import type { CaptureId } from '../../../shared/contract/model.ts'
import type { BenchError } from '../../../shared/contract/result.ts'
import type { LiveStore } from '../../app/live.ts'
import type { NoticesStore } from '../../app/notices.ts'
import { allowDenied } from './allow.ts'
import { blankQuestion, formOf, type AskForm } from './ask.ts'
import { beginDraft, compareRules, edit, moved, redo, undo, type Difference, type Draft } from './draft.ts'
import { copyOf, faultsOf, judgeable, listValue, newRule, withFreeIds } from './rules.ts'

export const accessTabs = ['rules', 'ask', 'dry-run', 'proposal', 'denials', 'users'] as const
export type AccessTab = (typeof accessTabs)[number]

export type TakeHow = 'replace' | 'prepend' | 'append'

type TakenAway = readonly { readonly endpointId: string; readonly filter: string }[]

export interface AccessViewState {
  readonly tab: AccessTab
  readonly draft: Draft | undefined
  /** ID of the rule under the cursor, and of the denial. */
  readonly rule: string | undefined
  readonly denial: number | undefined
  /** Of the draft; they follow it after a pause. Undefined: those of the list in force hold. */
  readonly findings: readonly AclFinding[] | undefined
  /** What the last save did, until it is dismissed. */
  readonly saved: { readonly version: number; readonly takenAway: TakenAway } | undefined
  readonly saving: boolean
  readonly saveError: BenchError | undefined
  /** Undefined until told. */
  readonly users: readonly UserInfo[] | undefined
  readonly usersError: BenchError | undefined
  /** Whom the users' dialog is about; undefined: a new one. */
  readonly username: string | undefined
  readonly ask: AskForm
  /** The packet that the question was taken from, and all that is asked about it. */
  readonly askedPacket: AskedPacket | undefined
}

export interface AskedPacket {
  readonly no: number
  readonly capture: CaptureId
  readonly questions: readonly PacketQuestion[]
}

export interface AccessModel extends StoreApi<AccessViewState> {
  /** As edited, else those in force. */
  rules(): readonly AclRule[]
  difference(): Difference
  open(tab: AccessTab): void
  select(rule: string | undefined): void
  /** Edits in one `group` that follow each other are one step of undo. */
  update(id: string, change: (rule: AclRule) => AclRule, group?: string): void
  add(): void
  duplicate(id: string): void
  remove(id: string): void
  /** Before the rule that is at `to` now. */
  move(id: string, to: number): void
  moveBy(id: string, by: number): void
  undo(): void
  redo(): void
  discard(): void
  /** Makes a whole list the draft, or puts its rules before or after those there are. */
  take(rules: readonly AclRule[], how: TakeHow): void
  /** Opens the questions that a packet asks, the first of them filled in. Against the draft where there is one. */
  askAbout(packet: AskedPacket, question?: PacketQuestion): void
  /** Lets the draft be saved over what was changed meanwhile. */
  rebase(): void
  /** Answers whether the draft is in force now. */
  save(note: string): Promise<boolean>
  /** Puts a rule into the draft that allows what was denied, and shows it. */
  allow(denial: DenialInfo): void
  admit(denial: DenialInfo): Promise<void>
  forget(id: number): Promise<void>
  loadUsers(): Promise<void>
  close(): void
}

/** Milliseconds after the last edit at which the draft is looked through for rules that do nothing. */
const FINDINGS_PAUSE = 400
const turn = () => new Promise<void>((resolve) => setTimeout(resolve))
const noRules: readonly AclRule[] = []
const initial: AccessViewState = {
  tab: 'rules',
  draft: undefined,
  rule: undefined,
  denial: undefined,
  findings: undefined,
  saved: undefined,
  saving: false,
  saveError: undefined,
  users: undefined,
  usersError: undefined,
  username: undefined,
  ask: blankQuestion,
  askedPacket: undefined,
}

export function createAccess(host: Host, live: LiveStore, notices: NoticesStore): AccessModel {
  const store = createStore<AccessViewState>(() => initial)
  const inForce = () => live.getState().access?.list
  const rules = () => store.getState().draft?.rules ?? inForce()?.rules ?? noRules
  const difference = () => {
    const { draft } = store.getState()
    return compareRules(draft?.base.rules ?? noRules, draft?.rules ?? noRules)
  }
  let pause: ReturnType<typeof setTimeout> | undefined
  let reading = false
  let again = false

  const setDraft = (draft: Draft, rule?: string) => {
    clearTimeout(pause)
    pause = setTimeout(() => void look(), FINDINGS_PAUSE)
    store.setState({ draft, saved: undefined, saveError: undefined, ...(rule !== undefined && { rule }) })
  }
  async function look(): Promise<void> {
    const { draft } = store.getState()
    if (!draft) return
    const list = { version: 0, rules: judgeable(draft.rules) }
    const findings = await analyseInSlices(list, turn, () => store.getState().draft?.rules !== draft.rules)
    if (findings && store.getState().draft?.rules === draft.rules) store.setState({ findings })
  }
  const dropDraft = () => {
    clearTimeout(pause)
    store.setState({ draft: undefined, findings: undefined, saveError: undefined })
  }
  const change = (next: (rules: readonly AclRule[]) => readonly AclRule[], group?: string, rule?: string) => {
    const list = inForce()
    if (!list) return
    const draft = store.getState().draft ?? beginDraft(list)
    const after = next(draft.rules)
    if (after !== draft.rules) setDraft(edit(draft, after, group), rule)
  }
  const indexOf = (id: string) => rules().findIndex((rule) => rule.id === id)
  const step = (by: (draft: Draft) => Draft) => {
    const { draft } = store.getState()
    if (!draft) return
    const next = by(draft)
    if (next !== draft) setDraft(next)
  }
  const moveTo = (id: string, to: number) => change((before) => moved(before, indexOf(id), to))

  const onAccess = () => {
    const { draft, tab } = store.getState()
    const list = inForce()
    // An untouched draft follows the list; one just saved waits until the bench has told the new list.
    if (draft && list && list.version >= draft.base.version && difference().count === 0) {
      const steps = draft.past.length + draft.future.length
      if (steps === 0 || list.version > draft.base.version) dropDraft()
    }
    if (tab === 'users') void model.loadUsers()
  }
  const end = live.subscribe((state, old) => {
    if (state.access !== old.access) onAccess()
  })

  const model: AccessModel = Object.assign(store, {
    rules,
    difference,
    open(tab: AccessTab) {
      store.setState({ tab })
      if (tab === 'users') void model.loadUsers()
    },
    select: (rule: string | undefined) => store.setState({ rule }),
    update: (id: string, by: (rule: AclRule) => AclRule, group?: string) =>
      change(
        (before) => before.map((rule) => (rule.id === id ? by(rule) : rule)),
        group === undefined ? undefined : `${id} ${group}`,
      ),
    add() {
      const rule = newRule(rules())
      const at = indexOf(store.getState().rule ?? '')
      change((before) => before.toSpliced(at < 0 ? before.length : at + 1, 0, rule), undefined, rule.id)
    },
    duplicate(id: string) {
      const at = indexOf(id)
      const original = rules()[at]
      if (!original) return
      const copy = copyOf(original, rules())
      change((before) => before.toSpliced(at + 1, 0, copy), undefined, copy.id)
    },
    remove(id: string) {
      const at = indexOf(id)
      if (at < 0) return
      const next = rules()[at + 1] ?? rules()[at - 1]
      change((before) => before.toSpliced(at, 1))
      store.setState({ rule: next?.id })
    },
    move: moveTo,
    moveBy(id: string, by: number) {
      const at = indexOf(id)
      if (at >= 0) moveTo(id, by > 0 ? at + by + 1 : at + by)
    },
    undo: () => step(undo),
    redo: () => step(redo),
    discard: dropDraft,
    take(list: readonly AclRule[], how: TakeHow) {
      change((before) => {
        if (how === 'replace') return list
        const added = withFreeIds(list, before)
        return how === 'prepend' ? [...added, ...before] : [...before, ...added]
      })
      store.setState({ tab: 'rules', rule: undefined })
    },
    askAbout(askedPacket: AskedPacket, question = askedPacket.questions[0]) {
      if (!question) return
      const list = store.getState().draft && difference().count > 0 ? 'draft' : 'force'
      store.setState({ tab: 'ask', askedPacket, ask: { ...formOf(question), list } })
    },
    rebase() {
      const { draft } = store.getState()
      const list = inForce()
      if (draft && list) setDraft({ ...draft, base: list })
    },
    async save(note: string) {
      const { draft, saving } = store.getState()
      if (!draft || saving || draft.rules.some((rule) => faultsOf(rule).length > 0)) return false
      store.setState({ saving: true, saveError: undefined })
      const basedOn = draft.base.version
      const list = listValue(basedOn, draft.rules)
      const answer = await host.call('access.rules.save', { list, basedOn, note })
      if (!answer.ok) {
        store.setState({ saving: false, saveError: answer.error })
        return false
      }
      const { version } = answer.value
      const current = store.getState().draft ?? draft
      // Edits made while the bench saved go on, based on what it saved.
      const base = { version, rules: draft.rules }
      const next = current.rules === draft.rules ? beginDraft(base) : { ...current, base }
      store.setState({ saving: false, saved: answer.value, draft: next })
      onAccess()
      return true
    },
    allow(denial: DenialInfo) {
      const allowed = allowDenied(rules(), denial)
      if (!allowed.ok) {
        notices.getState().fail({ code: 'failed', message: allowed.reason })
        return
      }
      change(() => allowed.rules, undefined, allowed.rule.id)
      store.setState({ tab: 'rules' })
      notices.getState().say('The rule is in the draft. Look at it, then save.')
    },
    async admit({ id, admit }: DenialInfo) {
      const answer = await host.call('access.admit', { id })
      const { say, fail } = notices.getState()
      if (answer.ok) say(`Done: ${admit}. It is let in when it tries again.`)
      else fail(answer.error)
    },
    async forget(id: number) {
      const answer = await host.call('access.forget', { id })
      if (!answer.ok) notices.getState().fail(answer.error)
    },
    async loadUsers() {
      // One question at a time: a bench under fire tells of itself ten times a second.
      again = reading
      if (reading) return
      reading = true
      do {
        again = false
        const answer = await host.call('access.users', undefined)
        store.setState(
          answer.ok ? { users: answer.value, usersError: undefined } : { usersError: answer.error },
        )
      } while (again)
      reading = false
    },
    close() {
      clearTimeout(pause)
      end()
    },
  })
  return model
}

/** The rules were changed by somebody else since the draft began. */
export const isOvertaken = (draft: Draft | undefined, version: number | undefined): boolean =>
  draft !== undefined && version !== undefined && version > draft.base.version
