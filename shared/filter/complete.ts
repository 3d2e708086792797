/** What could stand at the caret of a filter bar. The parser says what fits; here it is turned into texts. */
import type { FieldReference } from './ast.ts'
import type { FieldDefinition } from './definition.ts'
import { filterFields } from './fields.ts'
import { quote, tokenize, type Token } from './lexer.ts'
import { formatName } from './literals.ts'
import { OPERATORS } from './operators.ts'
import { parseText } from './filter.ts'
import type { Wanted } from './parser.ts'

export interface Completion {
  /** Replaces the text from `from` to `to`. */
  readonly text: string
  /** As it is shown in a list. */
  readonly label: string
  readonly kind: 'field' | 'operator' | 'value' | 'key'
  readonly description: string
}

export interface Completions {
  /** UTF-16 units `[from, to)` of the text. */
  readonly from: number
  readonly to: number
  /** Those that begin as what is typed, then those that hold it. */
  readonly items: readonly Completion[]
}

/** What the caller knows of the capture. How many it answers is its own to bound. */
export interface KnownValues {
  /** Values of a field, by its name, that go with what was typed of one. */
  readonly values?: (field: string, typed: string) => readonly string[]
  /** Names of entries, of `mqtt.prop.user` for one. */
  readonly keys?: (field: string, typed: string) => readonly string[]
}

/** `caret` is a place between two UTF-16 units of the text. Never throws. */
export function complete(text: string, caret: number, known: KnownValues = {}): Completions {
  const { from, to, typed } = place(text, caret)
  const { wanted } = parseText(text.slice(0, from))
  const items = wanted.flatMap((want) => suggestions(want, typed, known, text.slice(to)))
  return { from, to, items: fitting(items, typed) }
}

/** The token that the caret stands in or behind, and what is typed of it. */
function place(text: string, caret: number): { from: number; to: number; typed: string } {
  const token = tokenize(text).find(({ kind, start, end }) => {
    return kind !== 'bracket' && kind !== 'end' && start < caret && caret <= end
  })
  if (token === undefined) return { from: caret, to: caret, typed: '' }
  const { start, end, kind } = token
  const written = text.slice(start, caret)
  const open = /^r?"/.exec(written)
  if (open === null) return { from: start, to: end, typed: written }
  // A text that is not closed yet would swallow all that follows.
  const to = kind === 'string' ? end : caret
  return { from: start, to, typed: typedIn(token, written.slice(open[0].length), caret) }
}

const typedIn = ({ kind, end, text }: Token, written: string, caret: number): string =>
  kind === 'string' && caret === end ? text : written

function suggestions(want: Wanted, typed: string, known: KnownValues, after: string): Completion[] {
  switch (want.kind) {
    case 'test':
      return [...filterFields.map(fieldItem), operatorItem('not', 'the opposite')]
    case 'operator':
      return OPERATORS.filter(({ types }) => types.has(valueType(want.of))).map(({ name, description }) =>
        operatorItem(name, description),
      )
    case 'connective':
      return [operatorItem('and', 'both'), operatorItem('or', 'one of them or both')]
    case 'close':
      return [operatorItem(')', 'end of the group')]
    case 'value':
      return values(want.of.field, typed, known)
    case 'key': {
      const close = after.startsWith(']') ? '' : ']'
      return (known.keys?.(want.of.field.name, typed) ?? []).map((key) => ({
        text: `${quote(key)}${close}`,
        label: key,
        kind: 'key',
        description: `entry of ${want.of.field.name}`,
      }))
    }
  }
}

const valueType = ({ field }: FieldReference) => field.type

const fieldItem = ({ name, description, entry }: FieldDefinition): Completion => ({
  text: name,
  label: name,
  kind: 'field',
  description: entry === undefined ? description : `${description}; one entry with ["name"]`,
})

const operatorItem = (text: string, description: string): Completion => ({
  text,
  label: text,
  kind: 'operator',
  description,
})

function values(field: FieldDefinition, typed: string, known: KnownValues): Completion[] {
  const value = (text: string, label: string, description: string): Completion => ({
    text,
    label,
    kind: 'value',
    description,
  })
  if (field.type === 'bool') return ['true', 'false'].map((word) => value(word, word, field.label))
  const named = (field.names ?? []).map(([code, name]) =>
    value(
      formatName(name),
      name,
      field.numeric ? `${code} (0x${code.toString(16).padStart(2, '0')})` : field.label,
    ),
  )
  const isText = field.type === 'string' || field.type === 'topic'
  const seen = (known.values?.(field.name, typed) ?? []).map((text) =>
    value(isText ? quote(text) : text, text, 'seen in this capture'),
  )
  return [...named, ...seen]
}

function fitting(items: readonly Completion[], typed: string): Completion[] {
  const wanted = typed.toLowerCase()
  const begins = items.filter(({ label }) => label.toLowerCase().startsWith(wanted))
  const holds = items.filter(({ label }) => label.toLowerCase().indexOf(wanted) > 0)
  return [...begins, ...holds]
}
