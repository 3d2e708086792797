/**
 * Topics of rules with `${username}`, `${clientid}` and `${endpoint}` in them.
 *
 * A device chooses these values, so they must not change what the rule says: a value fills a placeholder only
 * when it is one piece of one level, that is not empty and without `/`, `+`, `#` and U+0000. Nor may it begin
 * with `$` where the topic begins, or a user named `$SYS` would read what the broker says of itself.
 */
import { isTopicFilter } from '../mqtt/topics.ts'
import type { Subject } from './model.ts'

export type Placeholder = 'username' | 'clientid' | 'endpoint'

interface PlaceholderRow {
  readonly of: (who: Subject) => string | undefined
  readonly label: string
}

export const PLACEHOLDERS: Readonly<Record<Placeholder, PlaceholderRow>> = {
  username: { of: (who) => who.username, label: 'user name' },
  clientid: { of: (who) => who.clientId, label: 'client ID' },
  endpoint: { of: (who) => who.endpointId, label: 'endpoint ID' },
}

const isPlaceholder = (name: string): name is Placeholder => Object.hasOwn(PLACEHOLDERS, name)
const MARK = /\$\{([^{}]*)\}/g

/** Literal text, and placeholders in between. */
type Part = string | { readonly placeholder: Placeholder }

export interface Template {
  readonly text: string
  readonly parts: readonly Part[]
  /** Those that occur, each once. Empty: `text` is the filter. */
  readonly placeholders: readonly Placeholder[]
}

export function prepareTemplate(text: string): Template {
  const parts: Part[] = []
  let end = 0
  for (const mark of text.matchAll(MARK)) {
    const name = mark[1]!
    if (!isPlaceholder(name)) continue
    parts.push(text.slice(end, mark.index), { placeholder: name })
    end = mark.index + mark[0].length
  }
  parts.push(text.slice(end))
  const used = new Set(parts.flatMap((part) => (typeof part === 'string' ? [] : [part.placeholder])))
  return { text, parts, placeholders: [...used] }
}

/** Why a topic cannot stand in a rule, as a phrase after its name; `undefined` when it can. */
export function templateFault(text: string): string | undefined {
  for (const [mark, name] of text.matchAll(MARK)) {
    if (!isPlaceholder(name!))
      return `has the unknown placeholder ${mark}: use \${username}, \${clientid} or \${endpoint}`
  }
  const filled = fillWith(prepareTemplate(text), () => 'x')
  if (filled.includes('${')) return 'has ${ without a placeholder after it'
  if (filled.startsWith('$share/')) return 'is a shared subscription: give its inner topic filter'
  const validity = isTopicFilter(filled)
  return validity.valid ? undefined : validity.reason
}

/** The text with every placeholder replaced. */
export const fillWith = ({ parts }: Template, by: (name: Placeholder) => string): string =>
  parts.map((part) => (typeof part === 'string' ? part : by(part.placeholder))).join('')

export type Filled =
  | { readonly ok: true; readonly filter: string }
  | {
      readonly ok: false
      readonly placeholder: Placeholder
      /** Why, after "the user name": `is empty`. */
      readonly reason: string
      /** The filter up to the level that could not be filled, with its slash; empty at the first level. */
      readonly before: string
    }

export function fillTemplate({ parts }: Template, who: Subject): Filled {
  let filter = ''
  for (const part of parts) {
    if (typeof part === 'string') {
      filter += part
      continue
    }
    const { placeholder } = part
    const value = PLACEHOLDERS[placeholder].of(who)
    const reason =
      valueFault(value) ?? (filter === '' && value!.startsWith('$') ? 'begins with $' : undefined)
    if (reason !== undefined)
      return { ok: false, placeholder, reason, before: filter.slice(0, filter.lastIndexOf('/') + 1) }
    filter += value
  }
  return { ok: true, filter }
}

const NAMED: Readonly<Record<string, string>> = { '\0': 'the null character' }

/** Why a value cannot fill a placeholder, as a phrase after its name. */
export function valueFault(value: string | undefined): string | undefined {
  if (value === undefined) return 'was not given'
  if (value === '') return 'is empty'
  const bad = /[/+#\0]/.exec(value)?.[0]
  return bad === undefined ? undefined : `holds ${NAMED[bad] ?? bad}`
}
