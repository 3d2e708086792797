/** Reads many values of a device: part by part, so that no answer is too large, and what fails is taken apart. */
import type { ModelValue, SupportedObject } from '../../../shared/contract/data-model.ts'
import type { PathFailure } from '../../../shared/contract/usp.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import type { Msg } from '../../../shared/usp/codec.ts'
import { comparePaths, instancesOf, valuesOf } from '../../../shared/usp/model-answers.ts'
import { SupportedIndex } from '../../../shared/usp/dm/supported-index.ts'
import type { Asked } from './controller.ts'
import { failureCode } from './answered.ts'

/** Values of one listing. */
const MAX_VALUES = 200_000
/** Levels and rows that a part too large for one answer is taken apart. */
const MAX_SPLITS = 12
const MAX_FAILURES = 1000

export interface ReadValues {
  /** As the supported model has them; empty when it is not known. */
  readonly objects: readonly SupportedObject[]
  readonly paths: readonly string[]
  /** Levels below each path; 0 is all. */
  readonly maxDepth: number
  readonly send: (message: unknown) => Promise<Asked>
  /** 0 … 1. */
  readonly onProgress?: ((progress: number) => void) | undefined
}

export interface ValuesRead {
  /** Milliseconds since 1970: when the first answer came. */
  readonly takenAt: number
  /** By path in rising order. */
  readonly values: readonly ModelValue[]
  readonly failures: readonly PathFailure[]
}

/** Rejects with a BenchFailure when the device cannot be asked at all, or has more than can be listed. */
export async function readValues(wish: ReadValues): Promise<ValuesRead> {
  const { paths, maxDepth, send, onProgress } = wish
  const model = new SupportedIndex(wish.objects)
  const values = new Map<string, string>()
  const failures: PathFailure[] = []
  let takenAt: number | undefined

  const keep = (msg: Msg, failed: readonly PathFailure[]): void => {
    failures.push(...failed.slice(0, Math.max(0, MAX_FAILURES - failures.length)))
    for (const [name, value] of valuesOf(msg)) values.set(name, value)
    if (values.size <= MAX_VALUES) return
    throw new BenchFailure('failed', `There are more than ${MAX_VALUES} values: choose a smaller part.`)
  }
  const read = async (asked: readonly string[], depth: number, splits: number): Promise<void> => {
    const { report, msg } = await send({ get: { param_paths: asked, max_depth: depth } })
    takenAt ??= Date.now()
    if (msg) return keep(msg, report.failures)
    const fatal = failureCode(report)
    if (fatal !== 'failed' && report.outcome !== 'timeout') throw new BenchFailure(fatal, report.text)
    const middle = Math.ceil(asked.length / 2)
    const [only = ''] = asked
    const parts =
      splits === 0
        ? []
        : asked.length > 1
          ? [asked.slice(0, middle), asked.slice(middle)]
          : depth === 0
            ? await partsOf(only)
            : []
    if (parts.length === 0) {
      for (const path of asked) {
        failures.push(
          report.error ? { ...report.error, path } : { path, code: 0, name: '', text: report.text },
        )
      }
    }
    // An object itself, without what is below it, comes first.
    for (const part of parts) await read(part, part[0] === only && asked.length === 1 ? 1 : depth, splits - 1)
  }
  /** Rows of a table together; an object, then each of its children. */
  const partsOf = async (path: string): Promise<readonly (readonly string[])[]> => {
    if (!model.isTable(path)) {
      const children = model.children(path)
      return children.length === 0 ? [] : [[path], ...children.map(([child]) => [child])]
    }
    const { msg } = await send({ get_instances: { obj_paths: [path], first_level_only: true } })
    const rows = msg ? instancesOf(msg).map((row) => row.path) : []
    return rows.length === 0 ? [] : [rows]
  }

  const parts = paths.flatMap((path) => {
    const children = maxDepth === 0 ? model.children(path) : []
    // The parameters of the object itself and then each child: so progress can be told, and no answer holds it all.
    if (children.length === 0) return [{ path, depth: maxDepth }]
    const own = (model.object(path)?.parameters.length ?? 0) > 0 ? [{ path, depth: 1 }] : []
    return [...own, ...children.map(([child]) => ({ path: child, depth: maxDepth }))]
  })
  for (const [at, { path, depth }] of parts.entries()) {
    await read([path], depth, MAX_SPLITS)
    onProgress?.((at + 1) / parts.length)
  }
  const sorted = [...values].sort(([a], [b]) => comparePaths(a, b))
  return { takenAt: takenAt ?? Date.now(), values: sorted, failures }
}
