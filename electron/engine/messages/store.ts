/** Saved messages: files below `messages/` of the workspace. */
import { createHash } from 'node:crypto'
import { lstat, mkdir, readdir, readFile, rename, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  MAX_SAVED_TEXT,
  type SavedMessage,
  type SavedMessageRow,
  type SavedMessages,
} from '../../../shared/contract/saved-messages.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { draftOf } from '../../../shared/usp/forms/draft.ts'
import { formatKept, readKept, type KeptMessage } from '../../../shared/usp/forms/kept.ts'
import { JsonFault } from '../../../shared/usp/json-check.ts'
import { errorCode, writeWhole } from '../workspace/files.ts'
import { folderParts, messageParts, plainName } from './names.ts'

/** More files are counted, not looked at. */
const MAX_FILES = 2000
const MAX_FILE_BYTES = 4 * MAX_SAVED_TEXT
const TRASH = '.trash'

interface Looked {
  readonly row: SavedMessageRow
  /** What a search looks through, in lower case. */
  readonly words: string
}

export class MessageStore {
  readonly #root: string
  /** What the files said, by path; a file that changed is read anew. */
  #known = new Map<string, Looked & { readonly size: number }>()
  /** Changes go one after the other. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(root: string) {
    this.#root = root
  }

  /** Messages with all words of a text in path, note or content, in the order of their paths. */
  async list(text: string): Promise<SavedMessages> {
    const paths = await this.#files()
    const looked = await inTurn(paths.slice(0, MAX_FILES), (path) => this.#look(path))
    const found = looked.filter((one) => one !== undefined)
    this.#known = new Map([...this.#known].filter(([path]) => found.some(({ row }) => row.path === path)))
    const wanted = text.toLowerCase().split(/\s+/).filter(Boolean)
    const matches = found.filter(({ words }) => wanted.every((word) => words.includes(word)))
    return {
      messages: matches.map(({ row }) => row),
      all: found.length,
      left: Math.max(0, paths.length - MAX_FILES),
    }
  }

  /** Throws a BenchFailure: `not-found`, or `failed` for a file that is no message. */
  async read(path: string): Promise<SavedMessage> {
    const text = await this.#text(path)
    try {
      const [kept] = readKept(text, nameOf(path))
      if (!kept) throw new JsonFault('', 'The file has no message.')
      return { path, text: kept.text, note: kept.note, variables: kept.variables, stamp: stampOf(text) }
    } catch (error) {
      if (error instanceof JsonFault) {
        throw new BenchFailure('failed', `${path} cannot be read. ${error.message}`)
      }
      throw error
    }
  }

  save(path: string, kept: Omit<KeptMessage, 'name'>, over?: string): Promise<SavedMessage> {
    return this.#alone(async () => {
      const file = await this.#place(path)
      const before = await readIfThere(file)
      if (before !== undefined && over === undefined) {
        throw new BenchFailure('conflict', `There is a message ${path} already: choose another name.`)
      }
      if (over !== undefined && before !== undefined && stampOf(before) !== over) {
        const text = `${path} was changed by somebody else since it was opened: save it under another name.`
        throw new BenchFailure('conflict', text)
      }
      const text = formatKept(kept)
      await write(file, text)
      return { path, ...kept, stamp: stampOf(text) }
    })
  }

  rename(from: string, to: string): Promise<void> {
    return this.#alone(async () => {
      const [source, target] = [await this.#place(from), await this.#place(to)]
      if (source === target) return
      // A system that does not tell capitals apart sees the same file.
      const onlyCase = from.toLowerCase() === to.toLowerCase()
      if (!onlyCase && (await isThere(target))) {
        throw new BenchFailure('conflict', `There is a message ${to} already.`)
      }
      await mkdir(dirname(target), { recursive: true })
      await rename(source, target).catch((error: unknown) => {
        throw notFound(error, from)
      })
    })
  }

  /** To the trash beside the messages, under a name that tells when. */
  trash(path: string): Promise<void> {
    return this.#alone(async () => {
      const file = await this.#place(path)
      const now = new Date().toISOString().replaceAll(':', '')
      const target = join(this.#root, TRASH, `${nameOf(path)} ${now}.json`)
      await mkdir(dirname(target), { recursive: true })
      await rename(file, target).catch((error: unknown) => {
        throw notFound(error, path)
      })
    })
  }

  /** Saves what a file holds; answers the paths. Throws a BenchFailure for a text that is none. */
  async import(folder: string, name: string, text: string): Promise<string[]> {
    folderParts(folder)
    let all: KeptMessage[]
    try {
      all = readKept(text, plainName(name))
    } catch (error) {
      if (!(error instanceof JsonFault)) throw error
      throw new BenchFailure('invalid-request', `${name === '' ? 'The text' : name}: ${error.message}`)
    }
    if (all.length > MAX_FILES) {
      throw new BenchFailure('invalid-request', `The file holds more than ${MAX_FILES} messages.`)
    }
    return this.#alone(async () => {
      const saved: string[] = []
      for (const one of all) {
        const path = await this.#freePath(folder, plainName(one.name === '' ? name : one.name))
        await write(await this.#place(path), formatKept(one))
        saved.push(path)
      }
      return saved
    })
  }

  async #freePath(folder: string, name: string): Promise<string> {
    const base = folder === '' ? name : `${folder}/${name}`
    for (let attempt = 1; ; attempt++) {
      const path = `${attempt === 1 ? base : `${base} (${attempt})`}.json`
      if (!(await isThere(await this.#place(path)))) return path
    }
  }

  /** Path on disk. A link on the way could lead out of the folder, so there must be none. */
  async #place(path: string): Promise<string> {
    let at = this.#root
    for (const part of messageParts(path)) {
      at = join(at, part)
      const found = await lstat(at).catch(() => undefined)
      if (found?.isSymbolicLink()) {
        throw new BenchFailure(
          'invalid-request',
          `${path} goes through a link, which the bench does not follow.`,
        )
      }
    }
    return at
  }

  async #text(path: string): Promise<string> {
    const file = await this.#place(path)
    const facts = await stat(file).catch((error: unknown) => {
      throw notFound(error, path)
    })
    if (facts.size > MAX_FILE_BYTES) {
      throw new BenchFailure('failed', `${path} is larger than any message: ${facts.size} bytes.`)
    }
    return readFile(file, 'utf8')
  }

  /** Paths of all files, sorted; folders that begin with a dot and links are none. */
  async #files(folder = ''): Promise<string[]> {
    const entries = await readdir(join(this.#root, folder), { withFileTypes: true }).catch(
      (error: unknown) => {
        if (errorCode(error) === 'ENOENT') return []
        throw error
      },
    )
    const found: string[] = []
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (!isPlain(path, entry.isDirectory())) continue
      if (entry.isDirectory()) found.push(...(await this.#files(path)))
      else if (entry.isFile()) found.push(path)
    }
    return found
  }

  async #look(path: string): Promise<Looked | undefined> {
    const facts = await stat(join(this.#root, path)).catch(() => undefined)
    if (!facts) return undefined
    const modifiedAt = Math.round(facts.mtimeMs)
    const before = this.#known.get(path)
    if (before?.row.modifiedAt === modifiedAt && before.size === facts.size) return before
    const looked = { ...(await this.#lookInto(path, modifiedAt)), size: facts.size }
    this.#known.set(path, looked)
    return looked
  }

  async #lookInto(path: string, modifiedAt: number): Promise<Looked> {
    try {
      const { text, note } = await this.read(path)
      const { kind, fault } = draftOf(text)
      const row = { path, note, modifiedAt, ...(fault ? {} : { kind }) }
      return { row, words: `${path}\n${note}\n${text}`.toLowerCase() }
    } catch (error) {
      const fault = (error as Error).message
      return { row: { path, note: '', modifiedAt, fault }, words: path.toLowerCase() }
    }
  }

  #alone<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#last.then(change)
    this.#last = done.catch(() => undefined)
    return done
  }
}

async function inTurn<T, R>(items: readonly T[], map: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (const item of items) results.push(await map(item))
  return results
}

function isPlain(path: string, isFolder: boolean): boolean {
  try {
    if (isFolder) folderParts(path)
    else messageParts(path)
    return true
  } catch {
    return false
  }
}

const nameOf = (path: string): string => (path.split('/').at(-1) ?? '').replace(/\.json$/, '')
const stampOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32)

async function write(file: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeWhole(file, text)
  } catch (error) {
    throw new BenchFailure('unavailable', `The message is not saved: ${(error as Error).message}.`)
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

const isThere = (file: string): Promise<boolean> =>
  lstat(file).then(
    () => true,
    () => false,
  )

function notFound(error: unknown, path: string): BenchFailure {
  if (errorCode(error) === 'ENOENT')
    return new BenchFailure('not-found', `There is no message ${path} any more.`)
  return new BenchFailure('failed', `${path}: ${(error as Error).message}.`)
}
