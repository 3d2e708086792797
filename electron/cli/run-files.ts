/** The flows that `oktobench run` is given, as texts, with those that they may call. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { describeProblem, parseFlow } from '../../shared/flow/format/parse.ts'
import type { Flow } from '../../shared/flow/model.ts'
import { FLOW_SETS } from '../../shared/contract/flows.ts'
import { didYouMean, UsageError } from '../common/options.ts'
import { errorCode } from '../engine/workspace/files.ts'
import { builtInFlows } from '../engine/flows/built-in.ts'

export interface FlowToRun {
  /** As it is shown. */
  readonly path: string
  readonly flow: Flow
  readonly text: string
  readonly calls: Readonly<Record<string, string>>
}

const MAX_FLOWS = 2000
const isFlowFile = (name: string): boolean => /\.ya?ml$/.test(name) && !name.startsWith('.')

/** Throws a UsageError for what cannot be read, and for a flow with errors: each with its line and column. */
export async function flowsToRun(paths: readonly string[], tags: readonly string[]): Promise<FlowToRun[]> {
  const found: FlowToRun[] = []
  for (const path of paths) found.push(...(builtIn(path) ?? (await below(path))))
  const chosen = found.filter(
    ({ flow }) => tags.length === 0 || flow.tags?.some((tag) => tags.includes(tag)) === true,
  )
  if (chosen.length === 0) {
    const which = tags.length === 0 ? '' : ` with the tag ${tags.join(' or ')}`
    const known = [...new Set(found.flatMap(({ flow }) => flow.tags ?? []))]
    const hint =
      didYouMean(tags[0] ?? '', known) || (known.length > 0 ? ` Their tags: ${known.join(', ')}.` : '')
    throw new UsageError(`There is no flow${which} in ${paths.join(', ')}.${hint}`)
  }
  return chosen
}

/** `@tp469`: a set that comes with the bench. */
function builtIn(path: string): FlowToRun[] | undefined {
  if (!path.startsWith('@')) return undefined
  const set = FLOW_SETS.find((name) => path === `@${name}`)
  if (set === undefined)
    throw new UsageError(`${path} is not a set of flows.${didYouMean(path.slice(1), FLOW_SETS, '@')}`)
  return Object.entries(builtInFlows[set]).flatMap(([name, text]) => {
    const { flow } = parseFlow(text)
    return flow ? { path: `${path}/${name}`, flow, text, calls: {} } : []
  })
}

async function below(path: string): Promise<FlowToRun[]> {
  const isFolder = await kindOf(path)
  const folder = isFolder ? path : dirname(path)
  const texts = new Map<string, string>()
  for (const file of await filesIn(folder, isFolder)) texts.set(resolve(file), await readFile(file, 'utf8'))
  const wanted = isFolder ? [...texts.keys()] : [resolve(path)]
  return wanted.map((file) => {
    const text = texts.get(file) as string
    const shown = isFolder ? join(path, relative(resolve(path), file)) : path
    const { flow, problems } = parseFlow(text)
    if (!flow) {
      const errors = problems.filter(({ severity }) => severity === 'error')
      throw new UsageError(errors.map((problem) => `${shown}:${describeProblem(problem)}`).join('\n'))
    }
    return { path: shown, flow, text, calls: calls(flow, file, texts, resolve(folder)) }
  })
}

async function kindOf(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    const isMissing = errorCode(error) === 'ENOENT'
    const why = isMissing
      ? `There is no file or folder ${path}.`
      : `${path} cannot be read (${errorCode(error)}).`
    throw new UsageError(why, { cause: error })
  }
}

/** Files of flows, by name. Folders below only of a folder that was given itself. */
async function filesIn(folder: string, deep: boolean): Promise<string[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))
  const files: string[] = []
  for (const entry of entries) {
    const path = join(folder, entry.name)
    // Results of the bench lie beside its flows.
    const isOwn = entry.name.startsWith('.') || entry.name === 'results'
    if (entry.isDirectory() && deep && !isOwn) files.push(...(await filesIn(path, true)))
    else if (entry.isFile() && isFlowFile(entry.name)) files.push(path)
  }
  if (files.length > MAX_FLOWS) throw new UsageError(`${folder} holds more than ${MAX_FLOWS} flows.`)
  return files
}

/** Texts of the others, by their paths without ending from the folder given and from the caller's own. */
function calls(
  flow: Flow,
  caller: string,
  texts: ReadonlyMap<string, string>,
  root: string,
): Record<string, string> {
  // Most flows call none.
  if (!JSON.stringify(flow).includes('"call"')) return {}
  const named: Record<string, string> = {}
  for (const from of [root, dirname(caller)]) {
    for (const [file, text] of texts) {
      const name = relative(from, file).replaceAll(sep, '/')
      if (!name.startsWith('..') && parseFlow(text).flow) named[name.replace(/\.ya?ml$/, '')] = text
    }
  }
  return named
}
