/** From paths to what they mean in one agent. Pure. */
import { parsePath, PathSyntaxError, type Condition, type Part, type Path } from '../../../shared/usp/path.ts'
import type { DataModel, Place } from './data-model.ts'
import { CODE, UspFault } from './fault.ts'
import type { ObjectType } from './schema.ts'
import { compareValues, splitList } from './values.ts'

/** References may point to references; more in one another is a circle. */
const MAX_FOLLOWS = 8
/** Objects that one path may mean. */
const MAX_FOUND = 100_000

/** A path as it came in; throws 7008 for one that is none. */
export function readPath(text: string): Path {
  try {
    return parsePath(text)
  } catch (error) {
    if (error instanceof PathSyntaxError) throw new UspFault(CODE.invalidPathSyntax, error.message, [])
    throw error
  }
}

/**
 * The objects, rows or tables that a path means, without its last name. Throws 7026 for what the supported model does
 * not have and 7016 for an instance that is not there, unless the path searches (R-MSG.4a).
 */
export function resolve(model: DataModel, path: Path): Place[] {
  if (path.parts.some(({ kind }) => kind === 'template')) {
    throw new UspFault(CODE.invalidPath, `${path.text} has {i} where an instance number belongs`)
  }
  checkSupported(model, path)
  const found = walk(model, path.parts, 0)
  if (found.length === 0 && !path.isSearch) {
    throw new UspFault(CODE.objectDoesNotExist, `${path.text} has an instance number that does not exist`)
  }
  return found
}

/**
 * The object type that a path means, `{i}` or instance numbers alike. Throws 7026 for what is not in the supported data
 * model, 7018 for a search in what is no table. References are not followed.
 */
export function supportedType(root: ObjectType, path: Path): ObjectType {
  const unknown = () => new UspFault(CODE.invalidPath, `${path.text} is not in the supported data model`)
  let type: ObjectType | undefined
  let needsRow = false
  for (const part of path.parts) {
    if (part.kind === 'name') {
      if (needsRow) throw unknown()
      type = type ? type.children.get(part.name) : part.name === root.name ? root : undefined
      if (!type) throw unknown()
      needsRow = type.isTable
    } else if (needsRow) {
      needsRow = false
    } else {
      const isSearch = part.kind === 'all' || part.kind === 'where'
      throw isSearch && type ? new UspFault(CODE.notATable, `${type.path} is not a table`) : unknown()
    }
  }
  if (!type || (path.leaf !== '' && (needsRow || !hasLeaf(type, path)))) throw unknown()
  return type
}

function checkSupported(model: DataModel, path: Path): void {
  const { parts } = path
  const follow = parts.findIndex(({ kind }) => kind === 'follow')
  // Where a reference leads is known only when it is read; what comes before it can be judged.
  if (follow < 0) {
    supportedType(model.schema.root, path)
  } else {
    const name = parts[follow - 1]
    const leaf = name?.kind === 'name' ? name.name : ''
    supportedType(model.schema.root, { ...path, parts: parts.slice(0, follow - 1), leaf, kind: 'parameter' })
  }
}

function hasLeaf(type: ObjectType, { kind, leaf }: Path): boolean {
  if (kind === 'command') return type.commands.has(leaf)
  if (kind === 'event') return type.events.has(leaf)
  return type.parameters.has(leaf)
}

function walk(model: DataModel, parts: readonly Part[], follows: number): Place[] {
  const [first, ...rest] = parts
  if (first?.kind !== 'name' || first.name !== model.schema.root.name) return []
  let places = [model.root]
  for (let at = 0; at < rest.length; at++) {
    const part = rest[at]
    const next = rest[at + 1]
    if (part?.kind === 'name' && next?.kind === 'follow') {
      if (follows >= MAX_FOLLOWS) throw new UspFault(CODE.invalidPath, 'The references lead in a circle')
      const targets = places.flatMap((place) => references(model, place, part.name, next.item))
      places = targets.flatMap((target) => walk(model, target, follows + 1))
      at++
    } else if (part) {
      places = places.flatMap((place) => onward(model, place, part))
    }
    if (places.length > MAX_FOUND)
      throw new UspFault(CODE.resourcesExceeded, 'The path means too many objects')
  }
  return places
}

function onward(model: DataModel, place: Place, part: Part): Place[] {
  if (part.kind === 'name') {
    const child = place.isTable ? undefined : place.type.children.get(part.name)
    return child ? [{ type: child, path: `${place.path}${child.name}.`, isTable: child.isTable }] : []
  }
  if (!place.isTable) return []
  if (part.kind === 'instance') {
    const row = { type: place.type, path: `${place.path}${part.number}.`, isTable: false }
    return model.hasRow(place.path, part.number) ? [row] : []
  }
  const rows = model.below(place)
  if (part.kind !== 'where') return rows
  for (const condition of part.conditions) checkCondition(place.type, condition)
  return rows.filter((row) => part.conditions.every((condition) => holds(model, row, condition)))
}

function checkCondition(type: ObjectType, { path }: Condition): void {
  if (path.includes('+')) return
  const names = path.split('.')
  const leaf = names.pop() ?? ''
  let found: ObjectType | undefined = type
  for (const name of names) found = found?.children.get(name)
  if (!found?.parameters.has(leaf)) {
    throw new UspFault(CODE.invalidPath, `${path} in the search expression is no parameter of ${type.path}`)
  }
}

/** True when any value that the left side means fulfils it. */
function holds(model: DataModel, row: Place, { path, operator, value }: Condition): boolean {
  return readRelative(model, row, path).some(({ place, name }) => {
    const parameter = place.type.parameters.get(name)
    return (
      parameter !== undefined && compareValues(model.value(place, parameter), operator, value, parameter.type)
    )
  })
}

function readRelative(model: DataModel, row: Place, text: string): { place: Place; name: string }[] {
  const { parts, leaf } = readPath(row.path + text)
  return walk(model, parts, 0).map((place) => ({ place, name: leaf }))
}

/** Where the reference parameter of an object leads, as parts of paths. */
function references(model: DataModel, place: Place, name: string, item: number | 'all'): (readonly Part[])[] {
  const targets = splitList(model.text(place, name))
  const chosen = item === 'all' ? targets : targets.slice(item - 1, item)
  // The value has no dot at its end (TR-369, 2.5); only objects are followed.
  return chosen.flatMap((target) => {
    try {
      return [parsePath(`${target.replace(/\.$/, '')}.`).parts]
    } catch {
      return []
    }
  })
}
