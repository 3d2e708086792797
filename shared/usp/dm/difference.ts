/** What differs between two data models: values, and what is supported. Pure. */
import type {
  ModelValue,
  SupportedCommand,
  SupportedEvent,
  SupportedObject,
  SupportedParameter,
} from '../../contract/data-model.ts'
import {
  MAX_DIFFERENCES,
  type Change,
  type ComparedHead,
  type Difference,
  type Snapshot,
  type SupportedDifference,
  type ValueDifference,
} from '../../contract/snapshots.ts'
import { comparePaths, supportedPath } from '../model-answers.ts'
import { covers, SupportedIndex } from './supported-index.ts'

/** The whole difference; `left` is before, `right` after. */
export function difference(left: Snapshot, right: Snapshot): Difference {
  const paths = commonPaths(left.paths, right.paths)
  const { changed, same } = differingValues(left, right, paths)
  const supported = differingSupport(left.supported, right.supported)
  const room = Math.max(0, MAX_DIFFERENCES - supported.length)
  const told = { values: changed.slice(0, room), supported: supported.slice(0, MAX_DIFFERENCES) }
  const more = changed.length + supported.length - told.values.length - told.supported.length
  return { left: headOf(left), right: headOf(right), paths, ...told, same, more }
}

function headOf({ values, supported, failures, ...head }: Snapshot): ComparedHead {
  return { ...head, values: values.length, objects: supported.length, failures: failures.length }
}

/** What both sides were asked for: of two paths the narrower one. */
export function commonPaths(left: readonly string[], right: readonly string[]): string[] {
  const narrower = left.flatMap((one) =>
    right.flatMap((other) => (covers(one, other) ? [other] : covers(other, one) ? [one] : [])),
  )
  return [...new Set(narrower)].sort(comparePaths)
}

/** What a side could not be told is not taken as missing on it. */
function differingValues(left: Snapshot, right: Snapshot, paths: readonly string[]) {
  const failed = [...left.failures, ...right.failures].map(({ path }) => path).filter((path) => path !== '')
  const isCompared = ([path]: ModelValue): boolean =>
    paths.some((scope) => covers(scope, path)) && !failed.some((scope) => covers(scope, path))
  const before = new Map(left.values.filter(isCompared))
  const after = new Map(right.values.filter(isCompared))
  const models = [new SupportedIndex(right.supported), new SupportedIndex(left.supported)]
  const isQuiet = (path: string): boolean =>
    models.some((model) => model.parameter(path)?.valueChange === 'will-ignore')
  const changed: ValueDifference[] = []
  let same = 0
  for (const [path, value] of before) {
    const now = after.get(path)
    if (now === value) same++
    else if (now === undefined) changed.push({ path, change: 'removed', before: value, quiet: isQuiet(path) })
    else changed.push({ path, change: 'changed', before: value, after: now, quiet: isQuiet(path) })
  }
  for (const [path, value] of after) {
    if (!before.has(path)) changed.push({ path, change: 'added', after: value, quiet: isQuiet(path) })
  }
  return { changed: changed.sort((a, b) => comparePaths(a.path, b.path)), same }
}

type What = SupportedDifference['what']
type Aspects = Readonly<Record<string, string>>

/** A model that was not known at all is not compared. */
export function differingSupport(
  left: readonly SupportedObject[],
  right: readonly SupportedObject[],
): SupportedDifference[] {
  if (left.length === 0 || right.length === 0) return []
  const before = new Map(left.flatMap(entriesOf))
  const after = new Map(right.flatMap(entriesOf))
  const found: SupportedDifference[] = []
  const tell = (path: string, what: What, change: Change, from: Aspects = {}, to: Aspects = {}): void => {
    const names = new Set([...Object.keys(from), ...Object.keys(to)])
    const aspects = [...names]
      .map((name) => [name, from[name] ?? '', to[name] ?? ''] as const)
      .filter(([, one, other]) => one !== other)
    if (change !== 'changed' || aspects.length > 0) found.push({ path, what, change, aspects })
  }
  for (const [path, { what, aspects }] of before) {
    const now = after.get(path)
    tell(path, what, now ? 'changed' : 'removed', aspects, now?.aspects)
  }
  for (const [path, { what, aspects }] of after) {
    if (!before.has(path)) tell(path, what, 'added', undefined, aspects)
  }
  return found.sort((a, b) => comparePaths(a.path, b.path))
}

type Entry = readonly [path: string, entry: { readonly what: What; readonly aspects: Aspects }]

const entriesOf = (object: SupportedObject): Entry[] => [
  [object.path, { what: 'object', aspects: objectAspects(object) }],
  ...object.parameters.map((one): Entry => [
    object.path + one.name,
    { what: 'parameter', aspects: parameterAspects(one) },
  ]),
  ...object.commands.map((one): Entry => [
    object.path + one.name,
    { what: 'command', aspects: commandAspects(one) },
  ]),
  ...object.events.map((one): Entry => [
    object.path + one.name,
    { what: 'event', aspects: eventAspects(one) },
  ]),
]

/** Lists without order are put in one, so that only what is in them counts. */
const listed = (items: readonly string[]): string => [...items].sort().join(', ')

const objectAspects = ({ access, multiInstance, uniqueKeys, divergentPaths }: SupportedObject): Aspects => ({
  access,
  kind: multiInstance ? 'table' : 'object',
  'unique keys': uniqueKeys
    .map((key) => listed(key).replaceAll(', ', ' + '))
    .sort()
    .join(', '),
  'divergent paths': listed(divergentPaths),
})
const parameterAspects = ({ access, type, valueChange }: SupportedParameter): Aspects => ({
  type,
  access,
  'value change': valueChange,
})
const commandAspects = ({ kind, inputs, outputs }: SupportedCommand): Aspects => ({
  kind,
  inputs: listed(inputs),
  outputs: listed(outputs),
})
const eventAspects = ({ args }: SupportedEvent): Aspects => ({ arguments: listed(args) })

/** The supported objects at and below paths. */
export function supportedBelow(
  objects: readonly SupportedObject[],
  paths: readonly string[],
): SupportedObject[] {
  const scopes = paths.map(supportedPath)
  return objects.filter(({ path }) => scopes.some((scope) => path.startsWith(scope)))
}
