/** What may stand at the caret in a path, by the supported model of a device. */
import type { SupportedIndex } from '../dm/supported-index.ts'
import { parsePath, PathSyntaxError, templateOf } from '../path.ts'
import type { SupportedObject, SupportedParameter } from '../../contract/data-model.ts'
import type { PathRole } from './describe.ts'

export interface PathChoice {
  readonly text: string
  readonly kind:
    'object' | 'table' | 'row' | 'rows' | 'parameter' | 'command' | 'event' | 'operator' | 'value'
  /** Type, access, arguments. */
  readonly detail: string
  /** It leads on: the next choices are wanted at once. */
  readonly more: boolean
}

export interface Completion {
  /** What a choice replaces, in the text. */
  readonly from: number
  readonly to: number
  readonly choices: readonly PathChoice[]
  /** So many more would fit; typing on narrows them down. */
  readonly left: number
}

/** More is no choice any more. */
const MAX_CHOICES = 200

export const offer = (from: number, to: number, choices: readonly PathChoice[]): Completion => ({
  from,
  to,
  choices: choices.slice(0, MAX_CHOICES),
  left: Math.max(0, choices.length - MAX_CHOICES),
})
const nothing = (caret: number): Completion => offer(caret, caret, [])

/** Choices at the caret for a path of this role. Never throws. */
export function completePath(text: string, caret: number, role: PathRole, model: SupportedIndex): Completion {
  const before = text.slice(0, caret)
  const open = openBracket(before)
  if (open !== undefined) return completeCondition(before, open, model)
  const from = lastDot(before) + 1
  const template = templateBefore(before.slice(0, from))
  if (template === undefined) return nothing(caret)
  const typed = before.slice(from).toLowerCase()
  const choices = choicesIn(before.slice(0, from), template, role, model).filter(
    (choice) => choice.kind === 'rows' || choice.text.toLowerCase().includes(typed),
  )
  const first = (choice: PathChoice): number => (choice.text.toLowerCase().startsWith(typed) ? 0 : 1)
  return offer(
    from,
    caret,
    choices.sort((a, b) => first(a) - first(b)),
  )
}

/** Where a bracket begins that is open at the end; undefined when none is. */
function openBracket(text: string): number | undefined {
  let open: number | undefined
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    if (open !== undefined && text[at] === '"') quoted = !quoted
    else if (quoted) continue
    else if (text[at] === '[') open = at
    else if (text[at] === ']') open = undefined
  }
  return open
}

/** The last dot that is not inside a bracket, or -1. */
function lastDot(text: string): number {
  let depth = 0
  for (let at = text.length - 1; at >= 0; at--) {
    if (text[at] === ']') depth++
    else if (text[at] === '[') depth--
    else if (text[at] === '.' && depth === 0) return at
  }
  return -1
}

function templateBefore(head: string): string | undefined {
  if (head === '') return ''
  try {
    return templateOf(parsePath(head).parts)
  } catch (error) {
    if (error instanceof PathSyntaxError) return undefined
    throw error
  }
}

const accessWords = {
  'read-only': 'read-only',
  'add-delete': 'add, delete',
  'add-only': 'add',
  'delete-only': 'delete',
} as const

const shows: Readonly<
  Record<PathRole, { readonly parameters?: true; readonly commands?: true; readonly events?: true }>
> = {
  readable: { parameters: true },
  supported: {},
  instances: {},
  settable: {},
  addable: {},
  deletable: {},
  command: { commands: true },
  object: {},
  parameter: { parameters: true },
  any: { parameters: true, commands: true, events: true },
}

function choicesIn(head: string, template: string, role: PathRole, model: SupportedIndex): PathChoice[] {
  const object = model.single(template)
  const table = object ? undefined : model.table(template)
  if (table) return rowChoices(head, table, role, model)
  const below = model.names(template).map((name): PathChoice => {
    const rows = model.table(`${template}${name}.`)
    const detail = rows ? `table, ${accessWords[rows.access]}` : 'object'
    return { text: `${name}.`, kind: rows ? 'table' : 'object', detail, more: true }
  })
  const { parameters, commands, events } = shows[role]
  return [
    ...(parameters ? (object?.parameters ?? []).map(parameterChoice) : []),
    ...(commands ? (object?.commands ?? []) : []).map(({ name, inputs, kind }): PathChoice => {
      const given = inputs.length === 0 ? 'no arguments' : inputs.join(', ')
      return {
        text: name,
        kind: 'command',
        detail: kind === 'async' ? `${given}; asynchronous` : given,
        more: false,
      }
    }),
    ...(events ? (object?.events ?? []) : []).map(({ name, args }): PathChoice => ({
      text: name,
      kind: 'event',
      detail: args.join(', '),
      more: false,
    })),
    ...below,
  ]
}

export const parameterChoice = ({ name, type, access }: SupportedParameter): PathChoice => ({
  text: name,
  kind: 'parameter',
  detail: access === 'read-write' ? type : `${type}, ${access}`,
  more: false,
})

/** How rows of a table can be chosen: those that are known to be there, all, by a unique key, by a condition. */
function rowChoices(
  head: string,
  table: SupportedObject,
  role: PathRole,
  model: SupportedIndex,
): PathChoice[] {
  if (role === 'supported') {
    return [{ text: '{i}.', kind: 'rows', detail: 'rows of the supported model', more: true }]
  }
  const known = model.rows(head)
  const rows: PathChoice[] = (known ?? []).map(({ path, uniqueKeys }) => ({
    text: path.slice(head.length),
    kind: 'row',
    detail: uniqueKeys.map(([name, text]) => `${name} ${text}`).join(', ') || 'a row of this device',
    more: true,
  }))
  rows.push({ text: '*.', kind: 'rows', detail: 'every row', more: true })
  if (!known) rows.push({ text: '1.', kind: 'rows', detail: 'the row with this number', more: true })
  for (const keys of table.uniqueKeys) {
    const text = keys.map((key) => `${key}==${sample(model.parameter(table.path + key))}`).join('&&')
    rows.push({ text: `[${text}].`, kind: 'rows', detail: 'the row with this unique key', more: false })
  }
  rows.push({ text: '[', kind: 'rows', detail: 'rows where …', more: true })
  return rows
}

const sample = (parameter: SupportedParameter | undefined): string =>
  parameter?.type === 'boolean' ? 'true' : /int|long|decimal/i.test(parameter?.type ?? '') ? '1' : '""'

function completeCondition(before: string, open: number, model: SupportedIndex): Completion {
  const caret = before.length
  const template = templateBefore(before.slice(0, open))
  const table = template === undefined ? undefined : model.table(template)
  if (!table) return nothing(caret)
  const inside = before.slice(open + 1)
  const start = open + 1 + (inside.lastIndexOf('&&') < 0 ? 0 : inside.lastIndexOf('&&') + 2)
  const condition = before.slice(start)
  const [, name = '', operator, typed = ''] = /^([\w.]*)(==|!=|<=|>=|~=|<|>)?(.*)$/.exec(condition) ?? []
  if (operator === undefined) {
    const known = table.parameters.some((parameter) => parameter.name === name)
    if (known) return offer(caret, caret, operatorsFor(model.parameter(table.path + name)))
    const lower = name.toLowerCase()
    const fitting = table.parameters.filter((one) => one.name.toLowerCase().includes(lower))
    return offer(
      start,
      caret,
      fitting.map((one) => ({ ...parameterChoice(one), more: true })),
    )
  }
  const type = model.parameter(table.path + name)?.type
  const from = caret - typed.length
  if (type === 'boolean') {
    const choices = ['true', 'false'].map((text) => ({ ...value(`${text}].`, 'boolean'), more: true }))
    return offer(
      from,
      caret,
      choices.filter(({ text }) => text.startsWith(typed)),
    )
  }
  if (type === 'string' && typed === '') return offer(from, caret, [value('"', 'text in quotes')])
  return nothing(caret)
}

const value = (text: string, detail: string): PathChoice => ({ text, kind: 'value', detail, more: false })

function operatorsFor(parameter: SupportedParameter | undefined): PathChoice[] {
  const equality = ['==', '!=']
  const all = /int|long|decimal|date/i.test(parameter?.type ?? '')
    ? [...equality, '<', '<=', '>', '>=']
    : parameter?.type === 'string'
      ? [...equality, '~=']
      : equality
  return all.map((text) => ({ text, kind: 'operator', detail: operatorWords[text] ?? '', more: true }))
}

const operatorWords: Readonly<Record<string, string>> = {
  '==': 'equal',
  '!=': 'not equal',
  '<': 'less',
  '<=': 'at most',
  '>': 'more',
  '>=': 'at least',
  '~=': 'a list that contains',
}
