/**
 * A snapshot as text: JSON with one value a line, in rising order of paths, so that two of them read well in a
 * diff. The supported model stands in it in short words for the same reason.
 */
import type {
  ObjectAccess,
  ParameterAccess,
  ParameterType,
  SupportedCommand,
  SupportedObject,
} from '../../contract/data-model.ts'
import type { Snapshot } from '../../contract/snapshots.ts'
import { comparePaths } from '../model-answers.ts'

export const SNAPSHOT_FORMAT = 'oktobench-snapshot'
const VERSION = 1

/** Text that is no snapshot; the message says why. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError'
}

interface FileObject {
  readonly access: ObjectAccess
  readonly table?: true
  readonly keys?: readonly (readonly string[])[]
  readonly divergent?: readonly string[]
  /** Name → `boolean read-write`, with `, will-ignore` or `, allowed` where that is known. */
  readonly parameters?: Readonly<Record<string, string>>
  readonly commands?: Readonly<
    Record<
      string,
      { readonly kind: SupportedCommand['kind']; readonly in?: string[]; readonly out?: string[] }
    >
  >
  readonly events?: Readonly<Record<string, readonly string[]>>
}

export function formatSnapshot(snapshot: Snapshot): string {
  const { values, supported, failures, takenAt, ...head } = snapshot
  const file = {
    format: SNAPSHOT_FORMAT,
    version: VERSION,
    ...head,
    takenAt: new Date(takenAt).toISOString(),
    failures,
    values: Object.fromEntries([...values].sort(([a], [b]) => comparePaths(a, b))),
    supported: Object.fromEntries(supported.map((object) => [object.path, toFile(object)])),
  }
  return `${JSON.stringify(file, undefined, 2)}\n`
}

/** Throws a SnapshotError. */
export function parseSnapshot(text: string): Snapshot {
  const file = read(text)
  if (file['format'] !== SNAPSHOT_FORMAT) throw new SnapshotError('it is no snapshot of a data model')
  const version = file['version']
  if (typeof version !== 'number' || version > VERSION) {
    throw new SnapshotError(`it is of version ${String(version)}, and this bench knows ${VERSION}`)
  }
  const takenAt = Date.parse(textOf(file, 'takenAt'))
  if (Number.isNaN(takenAt)) throw new SnapshotError('"takenAt" is no time')
  const values = Object.entries(objectOf(file, 'values'))
  for (const [path, value] of values) {
    if (typeof value !== 'string') throw new SnapshotError(`the value of ${path} is no text`)
  }
  const software = file['softwareVersion']
  return {
    name: textOf(file, 'name'),
    note: textOf(file, 'note'),
    endpointId: textOf(file, 'endpointId'),
    ...(typeof software === 'string' ? { softwareVersion: software } : {}),
    takenAt,
    paths: textsOf(file['paths'], 'paths'),
    failures: readFailures(file['failures']),
    values: values as [string, string][],
    supported: Object.entries(objectOf(file, 'supported')).map(([path, object]) => fromFile(path, object)),
  }
}

function readFailures(failures: unknown): Snapshot['failures'] {
  if (!Array.isArray(failures)) throw new SnapshotError('"failures" is no list')
  return failures.map((one) => {
    if (!isObject(one) || typeof one['code'] !== 'number') throw new SnapshotError('a failure has no code')
    return {
      path: textOf(one, 'path'),
      code: one['code'],
      name: textOf(one, 'name'),
      text: textOf(one, 'text'),
    }
  })
}

function toFile({
  access,
  multiInstance,
  uniqueKeys,
  divergentPaths,
  ...object
}: SupportedObject): FileObject {
  const { parameters, commands, events } = object
  const some = <T>(name: string, list: readonly T[], entry: (one: T) => readonly [string, unknown]) =>
    list.length === 0 ? {} : { [name]: Object.fromEntries(list.map(entry)) }
  return {
    access,
    ...(multiInstance ? { table: true } : {}),
    ...(uniqueKeys.length > 0 ? { keys: uniqueKeys } : {}),
    ...(divergentPaths.length > 0 ? { divergent: divergentPaths } : {}),
    ...some('parameters', parameters, ({ name, type, access: own, valueChange }) => [
      name,
      `${type} ${own}${valueChange === 'unknown' ? '' : `, ${valueChange}`}`,
    ]),
    ...some('commands', commands, ({ name, kind, inputs, outputs }) => [
      name,
      { kind, ...(inputs.length > 0 && { in: inputs }), ...(outputs.length > 0 && { out: outputs }) },
    ]),
    ...some('events', events, ({ name, args }) => [name, args]),
  }
}

const objectAccess: readonly ObjectAccess[] = ['read-only', 'add-delete', 'add-only', 'delete-only']
const parameter = /^(\w+) (read-only|read-write|write-only)(?:, (allowed|will-ignore))?$/
const commandKinds = ['unknown', 'sync', 'async'] as const

function fromFile(path: string, object: unknown): SupportedObject {
  if (!isObject(object)) throw new SnapshotError(`the supported object ${path} is no object`)
  const access = objectAccess.find((one) => one === object['access'])
  if (!access) throw new SnapshotError(`the access of ${path} is none of ${objectAccess.join(', ')}`)
  const entries = (name: string) => Object.entries(objectOf(object, name, {}))
  return {
    path,
    access,
    multiInstance: object['table'] === true,
    uniqueKeys: listOf(object['keys'], 'keys').map((key) => textsOf(key, 'keys')),
    divergentPaths: textsOf(object['divergent'] ?? [], 'divergent'),
    parameters: entries('parameters').map(([name, words]) => {
      const [, type, own, valueChange] = parameter.exec(String(words)) ?? []
      if (type === undefined) throw new SnapshotError(`${path}${name} has no type and access`)
      return {
        name,
        type: type as ParameterType,
        access: own as ParameterAccess,
        valueChange: valueChange === 'allowed' || valueChange === 'will-ignore' ? valueChange : 'unknown',
      }
    }),
    commands: entries('commands').map(([name, words]) => {
      if (!isObject(words)) throw new SnapshotError(`${path}${name} is no command`)
      return {
        name,
        kind: commandKinds.find((kind) => kind === words['kind']) ?? 'unknown',
        inputs: textsOf(words['in'] ?? [], 'in'),
        outputs: textsOf(words['out'] ?? [], 'out'),
      }
    }),
    events: entries('events').map(([name, args]) => ({ name, args: textsOf(args, name) })),
  }
}

type Json = Readonly<Record<string, unknown>>

function read(text: string): Json {
  let file: unknown
  try {
    file = JSON.parse(text)
  } catch (error) {
    throw new SnapshotError(`it is no JSON: ${(error as Error).message}`, { cause: error })
  }
  if (!isObject(file)) throw new SnapshotError('it is no snapshot of a data model')
  return file
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function objectOf(file: Json, name: string, absent?: Json): Json {
  const value = file[name] ?? absent
  if (!isObject(value)) throw new SnapshotError(`"${name}" is no object`)
  return value
}

function textOf(file: Json, name: string): string {
  const value = file[name]
  if (typeof value !== 'string') throw new SnapshotError(`"${name}" is no text`)
  return value
}

function listOf(value: unknown, name: string): readonly unknown[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw new SnapshotError(`"${name}" is no list`)
  return value
}

function textsOf(value: unknown, name: string): string[] {
  const list = listOf(value, name)
  if (!list.every((item) => typeof item === 'string'))
    throw new SnapshotError(`"${name}" is no list of texts`)
  return list as string[]
}
