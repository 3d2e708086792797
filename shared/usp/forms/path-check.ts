/**
 * What is wrong with a path, by its syntax and by the supported model of a device. Against the model everything is
 * a warning: a bench sends what a device should refuse, too.
 */
import { nearest } from '../../filter/nearest.ts'
import type { SupportedIndex } from '../dm/supported-index.ts'
import { parsePath, PathSyntaxError, templateOf, type Condition, type Path } from '../path.ts'
import type { PathRole } from './describe.ts'
import { valueFault } from './value-check.ts'

export interface Remark {
  readonly severity: 'error' | 'warning'
  readonly text: string
}

const error = (text: string): Remark => ({ severity: 'error', text })
const warning = (text: string): Remark => ({ severity: 'warning', text })

/** Kinds of path that a role takes, and what it is called. */
const kinds: Readonly<Record<PathRole, { readonly kinds: readonly Path['kind'][]; readonly what: string }>> =
  {
    readable: { kinds: ['object', 'parameter'], what: 'an object (ending with a dot) or a parameter' },
    supported: { kinds: ['object'], what: 'an object, ending with a dot' },
    instances: { kinds: ['object'], what: 'a table or a row, ending with a dot' },
    settable: { kinds: ['object'], what: 'an object or row, ending with a dot' },
    addable: { kinds: ['object'], what: 'a table, ending with a dot' },
    deletable: { kinds: ['object'], what: 'a row, ending with a dot' },
    command: { kinds: ['command'], what: 'a command, ending with ()' },
    object: { kinds: ['object'], what: 'an object, ending with a dot' },
    parameter: { kinds: ['parameter'], what: 'a parameter' },
    any: { kinds: ['object', 'parameter', 'command', 'event'], what: 'a path' },
  }

/** Remarks on one path, the gravest first; none when nothing is wrong. */
export function pathRemarks(text: string, role: PathRole, model?: SupportedIndex): readonly Remark[] {
  if (text === '') return [warning('There is no path yet.')]
  let path: Path
  try {
    path = parsePath(text)
  } catch (fault) {
    if (fault instanceof PathSyntaxError) return [error(fault.message)]
    throw fault
  }
  const found: Remark[] = []
  if (!kinds[role].kinds.includes(path.kind)) found.push(error(`This must be ${kinds[role].what}.`))
  if (/\[[^\]]*\s(?:==|!=|<=|>=|~=|<|>)|(?:==|!=|<=|>=|~=|<|>)\s[^\]]*\]/.test(text)) {
    found.push(warning('A controller puts no blanks round an operator (R-ARC.9b).'))
  }
  const template = path.parts.some(({ kind }) => kind === 'template')
  if (template && role !== 'supported') {
    found.push(error('{i} stands in paths of the supported model only: give a number, * or [Name=="value"].'))
  }
  if (model && found.length === 0) found.push(...modelRemarks(path, role, model))
  return found
}

function modelRemarks(path: Path, role: PathRole, model: SupportedIndex): Remark[] {
  const found: Remark[] = []
  let at = ''
  for (const [index, part] of path.parts.entries()) {
    // Where a reference leads, only the device knows.
    if (part.kind === 'follow' || path.parts[index + 1]?.kind === 'follow') return found
    if (part.kind === 'name') {
      // A table that is not followed by a row: the next name is looked for below its rows.
      if (model.isTable(at)) {
        const hint = `${at} is a table: choose a row, as in ${at}1.${part.name} or ${at}*.${part.name}`
        return [warning(hint)]
      }
      const names = model.names(at)
      if (!names.includes(part.name)) return [warning(missing(at, part.name, names, 'object', model))]
      at += `${part.name}.`
      continue
    }
    if (!model.table(at)) return [warning(`${at} is no table, so it has no rows to choose from.`)]
    at += '{i}.'
    if (part.kind === 'where')
      found.push(...part.conditions.flatMap((one) => conditionRemarks(one, at, model)))
  }
  return [...found, ...endRemarks(path, role, at, model)]
}

function missing(
  at: string,
  name: string,
  names: readonly string[],
  what: string,
  { failures }: SupportedIndex,
): string {
  if (failures.some((failure) => failure.path !== '' && at.startsWith(failure.path))) {
    return `What is below ${at} could not be read from this device, so ${name} is not known.`
  }
  const meant = nearest(name, names)
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`
  return `This device has no ${what} ${name} in ${at === '' ? 'its model.' : at}${hint}`
}

function conditionRemarks({ path, operator, value }: Condition, at: string, model: SupportedIndex): Remark[] {
  if (/[+#]/.test(path)) return []
  const parameter = model.parameter(at + path)
  if (!parameter) {
    const names = model.single(at)?.parameters.map(({ name }) => name) ?? []
    return [warning(missing(at, path, names, 'parameter', model))]
  }
  const { type } = parameter
  const ordered = operator !== '==' && operator !== '!=' && operator !== '~='
  if (ordered && (type === 'string' || type === 'boolean')) {
    return [warning(`${path} is a ${type}: it compares with == and != only.`)]
  }
  const fault = operator === '~=' ? undefined : valueFault(type, value)
  return fault === undefined ? [] : [warning(`${path} ${fault}.`)]
}

function endRemarks(path: Path, role: PathRole, at: string, model: SupportedIndex): Remark[] {
  const object = model.single(at)
  const table = object ? undefined : model.table(at)
  if (path.leaf !== '') {
    if (table) return [warning(`${at} is a table: choose a row, as in ${at}1.${path.leaf}`)]
    const names = (
      path.kind === 'command' ? object?.commands : path.kind === 'event' ? object?.events : object?.parameters
    )?.map(({ name }) => name)
    if (names && !names.includes(path.leaf)) {
      return [warning(missing(at, path.leaf, names, path.kind, model))]
    }
    return []
  }
  const rows = path.parts.at(-1)?.kind !== 'name'
  if (role === 'addable') {
    if (!table) return [warning(`${path.text} is no table: rows are added to one.`)]
    if (table.access !== 'add-delete' && table.access !== 'add-only') {
      return [warning(`This device lets nobody add rows to ${path.text}`)]
    }
  } else if (role === 'deletable') {
    if (!rows) return [warning(`${path.text} is no row: choose one, as in ${path.text}1.`)]
    if (object && object.access !== 'add-delete' && object.access !== 'delete-only') {
      return [warning(`This device lets nobody delete rows of ${at.slice(0, -'{i}.'.length)}`)]
    }
  } else if (role === 'settable' && table) {
    return [warning(`${path.text} is a table: choose a row, as in ${path.text}1.`)]
  } else if (role === 'instances' && !table && !model.children(at).length) {
    return [warning(`${path.text} has no tables.`)]
  }
  return []
}

/** The path of the supported model of an object in a request; undefined where it cannot be told. */
export function objectTemplate(text: string): string | undefined {
  try {
    const { kind, parts } = parsePath(text)
    return kind === 'object' ? templateOf(parts) : undefined
  } catch {
    return undefined
  }
}

/** Remarks on a parameter by its name in an object or, of Add, in a table. */
export function settingRemarks(
  objectPath: string,
  parameter: string,
  value: string,
  model: SupportedIndex,
): { readonly param?: Remark; readonly value?: Remark } {
  const template = objectTemplate(objectPath)
  if (template === undefined) return {}
  const object = model.object(template)
  if (!object || parameter === '') return {}
  const names = object.parameters.map(({ name }) => name)
  const known = model.parameter(object.path + parameter)
  if (!known) return { param: warning(missing(object.path, parameter, names, 'parameter', model)) }
  if (known.access === 'read-only') {
    return { param: warning(`${parameter} is read-only on this device.`) }
  }
  const fault = valueFault(known.type, value)
  return fault === undefined ? {} : { value: warning(`${parameter} ${fault}.`) }
}
