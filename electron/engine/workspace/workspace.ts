/** A workspace: the folder that holds a bench's settings and, later, its captures, flows and certificates. */
import { mkdir, readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { Problem } from '../../../shared/contract/model.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import type { SettingsOverrides } from '../types.ts'
import {
  emptyDocument,
  formatDocument,
  readDocument,
  SETTINGS_FILE,
  withSettings,
  type ReadDocument,
} from './document.ts'
import { errorCode, setAside, writeWhole } from './files.ts'
import { lockWorkspace } from './lock.ts'
import { faultOf, isSettingName, resolveSettings, type Settings } from './settings.ts'

/** Folders of a workspace; each is made when it is first asked for. */
export type WorkspaceFolder = 'captures' | 'flows' | 'messages' | 'certificates' | 'nats'

export interface Workspace {
  /** Absolute. */
  readonly path: string
  readonly name: string
  /** What is in force now. */
  readonly settings: Settings
  /** What was wrong with bench.json. */
  readonly problems: readonly Problem[]
  /**
   * Puts these settings in force and into bench.json, also over the command line's until the next start.
   * Rejects with a BenchFailure: `invalid-request` for a value that does not fit, `unavailable` when the file
   * cannot be written (the settings are in force nevertheless).
   */
  save(changes: Partial<Settings>): Promise<void>
  /** Path of a folder of the workspace, made when missing. */
  folder(name: WorkspaceFolder): Promise<string>
  /** Waits for a write under way and gives the lock back. */
  close(): Promise<void>
}

/**
 * Opens a workspace and makes it when missing. Throws a BenchFailure: `conflict` when another bench has it,
 * `unavailable` when the folder cannot be used, `invalid-request` for an override that does not fit.
 * A broken bench.json does not stop it: it is set aside and told as a problem.
 */
export async function openWorkspace(folder: string, overrides: SettingsOverrides = {}): Promise<Workspace> {
  const path = resolve(folder)
  const file = join(path, SETTINGS_FILE)
  const commandLine = checkedSettings(overrides)
  const unlock = await openFolder(path)

  const problems: Problem[] = []
  let known: { text: string | undefined; content: ReadDocument }
  try {
    known = await load(file, problems)
  } catch (error) {
    await unlock()
    throw unusable(path, error)
  }
  let settings = resolveSettings({ commandLine, file: known.content.settings })
  let writing: Promise<void> = Promise.resolve()

  async function write(changes: Partial<Settings>): Promise<void> {
    // Somebody may have edited the file meanwhile: the change goes into what is there now.
    if ((await readText(file)) !== known.text) known = await load(file, problems)
    if (known.content.newer) throw new BenchFailure('unavailable', known.content.warnings[0] ?? '')
    const text = formatDocument(withSettings(known.content.document, changes))
    await writeWhole(file, text)
    known = { text, content: readDocument(text) }
  }

  return {
    path,
    name: basename(path),
    get settings() {
      return settings
    },
    get problems() {
      return problems
    },
    async save(changes) {
      const valid = checkedSettings(changes)
      settings = { ...settings, ...valid }
      const written = writing.then(() => write(valid))
      writing = written.catch(() => undefined)
      try {
        await written
      } catch (error) {
        if (error instanceof BenchFailure) throw error
        throw new BenchFailure('unavailable', `${file} cannot be written: ${reason(error)}.`)
      }
    },
    async folder(name) {
      const wanted = join(path, name)
      await mkdir(wanted, { recursive: true })
      return wanted
    },
    async close() {
      await writing
      await unlock()
    },
  }
}

/**
 * The settings that stand in the bench.json of a folder, for a host that needs its own ones before an engine has
 * the workspace. Changes nothing and never fails: what is wrong with the file, opening the workspace tells.
 */
export async function peekSettings(folder: string): Promise<Partial<Settings>> {
  try {
    return readDocument(await readFile(join(folder, SETTINGS_FILE), 'utf8')).settings
  } catch {
    return {}
  }
}

/** What a version history of the workspace must not hold: secrets, and what only this machine needs. */
const IGNORED = [
  'credentials.json',
  'door.json',
  'serve-password.json',
  'messages-history.json',
  'nats/',
  'exports/',
  'imports/',
  'flows/results/',
  '.trash/',
  '*.lock',
  '*.broken-*',
  '',
].join('\n')

async function openFolder(path: string): Promise<() => Promise<void>> {
  try {
    await mkdir(path, { recursive: true })
    const ignore = join(path, '.gitignore')
    if ((await readText(ignore)) === undefined) await writeWhole(ignore, IGNORED)
    return await lockWorkspace(path)
  } catch (error) {
    throw error instanceof BenchFailure ? error : unusable(path, error)
  }
}

/** Reads bench.json; adds to `problems` what is wrong with it. */
async function load(
  file: string,
  problems: Problem[],
): Promise<{ text: string | undefined; content: ReadDocument }> {
  const now = new Date()
  const report = (severity: Problem['severity'], text: string): void => {
    // Told again after each edit of the file, but once.
    if (problems.some((problem) => problem.text === text)) return
    problems.push({ id: `settings-${problems.length + 1}`, severity, text, since: now.toISOString() })
  }
  const empty: ReadDocument = { document: emptyDocument(), settings: {}, warnings: [], newer: false }
  const text = await readText(file)
  if (text === undefined) return { text, content: empty }
  try {
    const content = readDocument(text)
    for (const warning of content.warnings) report(content.newer ? 'error' : 'warning', warning)
    return { text, content }
  } catch (error) {
    const aside = await setAside(file, now)
    const what = `${SETTINGS_FILE} cannot be read: ${reason(error)}.`
    report('error', `${what} It is kept as ${basename(aside)}; default settings are in force.`)
    return { text: undefined, content: empty }
  }
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

function checkedSettings(values: Readonly<Record<string, unknown>>): Partial<Settings> {
  for (const [name, value] of Object.entries(values)) {
    const fault = isSettingName(name) ? faultOf(name, value) : 'is not a known setting'
    if (fault !== undefined) throw new BenchFailure('invalid-request', `${name} ${fault}.`)
  }
  return values
}

const systemReasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'there is a file of that name',
  EISDIR: 'it is a folder',
}

function reason(error: unknown): string {
  const known = systemReasons[errorCode(error) ?? '']
  return known ?? (error instanceof Error ? error.message : String(error))
}

function unusable(path: string, error: unknown): BenchFailure {
  const remedy = 'Choose another folder with --workspace or OKTOBENCH_WORKSPACE.'
  return new BenchFailure('unavailable', `The workspace ${path} cannot be used: ${reason(error)}. ${remedy}`)
}
