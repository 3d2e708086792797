/** Remarks on a whole request, each with its place: what cannot be sent, and what the device will hardly like. */
import { checkJson, isObject, JsonFault } from '../json-check.ts'
import { requestSchema } from '../request-json.ts'
import type { SupportedIndex } from '../dm/supported-index.ts'
import type { RequestKind } from '../kinds.ts'
import { nearest } from '../../filter/nearest.ts'
import { formOf, type FormField, type PathRole } from './describe.ts'
import { placeName, type JsonPath } from './json-value.ts'
import { objectTemplate, pathRemarks, settingRemarks, type Remark } from './path-check.ts'
import { camelName, fillContent, UnknownVariable, type Variables } from './variables.ts'

export interface PlacedRemark extends Remark {
  /** Within the content of the request, as `placeName` writes it. */
  readonly place: string
}

/** More are not told: one mends them one by one. */
export const MAX_REMARKS = 100

/**
 * Remarks on the content of a request, in its order. Variables are taken with their values; one that has none is an
 * error.
 */
export function requestRemarks(
  kind: RequestKind,
  content: unknown,
  variables: Variables,
  model?: SupportedIndex,
): readonly PlacedRemark[] {
  let filled: unknown
  try {
    filled = fillContent(content, formOf(kind), variables)
  } catch (error) {
    if (error instanceof UnknownVariable) {
      const text = `${error.message} Give it one under Variables.`
      return [{ place: '', severity: 'error', text }]
    }
    throw error
  }
  try {
    checkJson(requestSchema(kind), filled, '')
  } catch (error) {
    if (error instanceof JsonFault) {
      const text = error.path === '' ? error.message : error.message.slice(error.path.length + 2)
      return [{ place: error.path, severity: 'error', text }]
    }
    throw error
  }
  const found: PlacedRemark[] = []
  walk(formOf(kind), filled, [], { found, model })
  return found.slice(0, MAX_REMARKS)
}

interface Walk {
  readonly found: PlacedRemark[]
  readonly model: SupportedIndex | undefined
  /** obj_path or command that stands beside. */
  readonly owner?: string
}

function walk(fields: readonly FormField[], content: unknown, at: JsonPath, context: Walk): void {
  if (!isObject(content)) return
  const owner = [...fields]
    .filter(({ role }) => role === 'settable' || role === 'addable' || role === 'command')
    .map((field) => memberOf(content, field)[1])
    .find((value) => typeof value === 'string')
  const inside: Walk = typeof owner === 'string' ? { ...context, owner } : context
  settings(fields, content, at, inside)
  for (const field of fields) {
    const [name, value] = memberOf(content, field)
    const place = [...at, name]
    const items = field.list && Array.isArray(value) ? value : [value]
    items.forEach((item, index) => {
      const here = field.list ? [...place, index] : place
      if (field.input === 'group') walk(field.fields, item, here, inside)
      else if (field.input === 'map') args(field, item, here, inside)
      else if (typeof item === 'string' && isPathRole(field.role)) {
        for (const remark of pathRemarks(item, field.role, context.model)) {
          context.found.push({ ...remark, place: placeName(here) })
        }
      }
    })
  }
}

const notPaths: ReadonlySet<string> = new Set(['setting', 'setting-value', 'argument', 'text'])
export const isPathRole = (role: FormField['role']): role is PathRole => !notPaths.has(role)

function memberOf(
  content: Readonly<Record<string, unknown>>,
  { name }: FormField,
): readonly [string, unknown] {
  const camel = camelName(name)
  return Object.hasOwn(content, name) ? [name, content[name]] : [camel, content[camel]]
}

/** The pair of a parameter and its value. */
function settings(
  fields: readonly FormField[],
  content: Readonly<Record<string, unknown>>,
  at: JsonPath,
  { owner, model, found }: Walk,
): void {
  const param = fields.find(({ role }) => role === 'setting')
  const setTo = fields.find(({ role }) => role === 'setting-value')
  if (!param || !setTo || owner === undefined) return
  const name = content[param.name] ?? ''
  const to = content[setTo.name] ?? ''
  if (typeof name !== 'string' || typeof to !== 'string') return
  const place = placeName([...at, param.name])
  if (name === '') found.push({ place, severity: 'warning', text: 'Which parameter is to be set?' })
  if (!model) return
  const remarks = settingRemarks(owner, name, to, model)
  if (remarks.param) found.push({ ...remarks.param, place })
  if (remarks.value) found.push({ ...remarks.value, place: placeName([...at, setTo.name]) })
}

/** Names of input arguments, against those of the command. */
function args(field: FormField, value: unknown, at: JsonPath, { owner, model, found }: Walk): void {
  if (field.role !== 'argument' || owner === undefined || !model || !isObject(value)) return
  const known = argumentsOf(owner, model)
  if (!known) return
  for (const name of Object.keys(value)) {
    // A name with {i} stands for many: `DataBlock.{i}.Size`.
    const plain = name.replace(/\.\d+(?=\.|$)/g, '.{i}')
    if (known.includes(name) || known.includes(plain)) continue
    const meant = nearest(name, known)
    const hint = meant === undefined ? '' : ` Did you mean ${meant}?`
    found.push({
      place: placeName([...at, name]),
      severity: 'warning',
      text: `${owner} has no input argument ${name}.${hint}`,
    })
  }
}

/** Input arguments of a command by its path; undefined where the model does not have it. */
export function argumentsOf(command: string, model: SupportedIndex): readonly string[] | undefined {
  const cut = command.lastIndexOf('.') + 1
  const template = objectTemplate(command.slice(0, cut))
  return template === undefined ? undefined : model.command(template + command.slice(cut))?.inputs
}
