/**
 * What importers and exporters of foreign access files have in common: they say what they could not carry over.
 *
 * Where something cannot be said exactly, an allow rule is left out and a deny rule made broader: a translation
 * may allow less than its source, and a note says where. Only a deny rule that, made broader, would undo a whole
 * allow rule is left out; then, and where the other broker cannot be held to the list, notes are marked `wider`.
 */
import { covers, filterShape, type FilterShape } from '../match.ts'
import { ACL_LIMITS, actionsOf, ruleLabel, type AclList, type AclRule } from '../model.ts'
import { checkAcl } from '../parse.ts'

/** Against the source, the translation allows less, allows more, or cannot be used before this is mended. */
export type NoteEffect = 'narrower' | 'wider' | 'different' | 'error'

export interface FormatNote {
  readonly effect: NoteEffect
  /** A sentence or two. Holds no passwords. */
  readonly text: string
  /** Import: line of the file, from 1. */
  readonly line?: number
  /** Export: place of the rule in the list, from 0. */
  readonly index?: number
}

export interface Imported {
  /** What could be read, even if there are notes. */
  readonly list: AclList
  readonly notes: readonly FormatNote[]
}

export interface Exported {
  readonly text: string
  readonly notes: readonly FormatNote[]
}

/** What stands for `${endpoint}` in a broker that does not know endpoint IDs. */
export type EndpointAs = 'username' | 'clientid'

export type Draft = Omit<AclRule, 'id' | 'enabled'>

/** Gathers the rules and notes of an import. */
export class Import {
  readonly #notes: FormatNote[] = []
  readonly #rules: AclRule[] = []
  readonly #format: string
  #overflowed = false
  readonly #used = new Map<string, number>()

  constructor(format: string) {
    this.#format = format
  }

  /** Takes a rule if the checks of every list do; `line` is where it came from and makes its ID. */
  rule(line: number, draft: Draft): void {
    const base = `${this.#format}-${line}`
    const times = (this.#used.get(base) ?? 0) + 1
    this.#used.set(base, times)
    const { name, ...rest } = draft
    const id = times === 1 ? base : `${base}.${times}`
    const rule: AclRule = { id, name: name.slice(0, ACL_LIMITS.name), ...rest, enabled: true }
    const checked = checkAcl({ format: 1, version: 0, rules: [rule] })
    if (!checked.ok) {
      const why = checked.errors.map(({ field, text }) => text.replace(/^Rule 1 \([^)]*\): /, '') || field)
      this.dropped(line, rule.effect, why.join(' '))
    } else if (this.#rules.length < ACL_LIMITS.rules) this.#rules.push(rule)
    else if (!this.#overflowed) {
      this.#overflowed = true
      this.note(
        'error',
        `A list holds ${ACL_LIMITS.rules} rules at the most: from this line on they are left out.`,
        line,
      )
    }
  }

  /** Rules were left out since the list is full: there is no use in reading on. */
  get overflowed(): boolean {
    return this.#overflowed
  }

  /** A rule that is not in the list: without an allow rule it is narrower, without a deny rule wider. */
  dropped(line: number, effect: AclRule['effect'], why: string): void {
    this.note(effect === 'allow' ? 'narrower' : 'wider', `This ${effect} rule is left out. ${why}`, line)
  }

  note(effect: NoteEffect, text: string, line?: number): void {
    this.#notes.push(line === undefined ? { effect, text } : { effect, text, line })
  }

  result(): Imported {
    return { list: { version: 0, rules: this.#rules }, notes: this.#notes }
  }
}

/** An empty import with this one error. */
export const refused = (text: string, line?: number): Imported => ({
  list: { version: 0, rules: [] },
  notes: [line === undefined ? { effect: 'error', text } : { effect: 'error', text, line }],
})

export const TOO_LONG = `The file is longer than ${ACL_LIMITS.file} characters, the most that is read.`

/** The topics of a rule with every level that holds a placeholder as `+`: at least all that it can be about. */
export const broadShape = (topic: string): FilterShape => {
  const levels = topic.split('/').map((level) => (level.includes('${') ? '+' : level))
  return filterShape(levels.join('/'))
}

/**
 * A note on a rule that `broker` cannot say, and whether the rule stays, made broader. `lostWho`: the part that
 * is lost says for whom the rule is.
 */
export function lossNote(
  list: AclList,
  index: number,
  broker: string,
  losses: readonly string[],
  lostWho: boolean,
): { readonly note: FormatNote; readonly stays: boolean } {
  const rule = list.rules[index]!
  const cannot = `${ruleLabel(index, rule)}: ${broker} cannot say ${losses.join(', and ')}.`
  const note = (effect: NoteEffect, text: string): FormatNote => ({
    effect,
    index,
    text: `${cannot} ${text}`,
  })
  if (rule.effect === 'allow') return { note: note('narrower', 'This allow rule is left out.'), stays: false }
  const undone = lostWho ? undoneBy(list, index) : undefined
  if (undone === undefined)
    return { note: note('narrower', 'This deny rule is written broader, without that.'), stays: true }
  const victim = ruleLabel(undone, list.rules[undone]!)
  return {
    note: note('wider', `This deny rule is left out: without that it would undo ${victim}.`),
    stays: false,
  }
}

/** Place of the first allow rule after a deny rule that the deny would undo whole if it were for everybody. */
function undoneBy({ rules }: AclList, index: number): number | undefined {
  const deny = rules[index]!
  const shape = broadShape(deny.topic)
  const found = rules.findIndex(
    (rule, i) =>
      i > index &&
      rule.enabled &&
      rule.effect === 'allow' &&
      actionsOf(rule).every((action) => actionsOf(deny).includes(action)) &&
      covers(shape, broadShape(rule.topic)),
  )
  return found < 0 ? undefined : found
}
