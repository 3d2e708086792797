/** Things that people keep, one a JSON file, in folders below one of the workspace. */
import { createHash } from 'node:crypto'
import { lstat, mkdir, readdir, readFile, rename, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { JsonFault } from '../../../shared/usp/json-check.ts'
import { errorCode, writeWhole } from './files.ts'
import { fileParts, folderParts, plainName } from './kept-names.ts'
import { moveToTrash } from './trash.ts'

/** More files are counted, not looked at. */
const MAX_FILES = 2000

/** What is kept, and how it stands in a file. `R` is what a list shows of it. */
export interface KeptFormat<K, R> {
  /** For what is said of it: `message`. */
  readonly noun: string
  readonly maxFileBytes: number
  /** All that a file holds; a name for each is suggested. Throws a JsonFault. */
  read(text: string, name: string): readonly (K & { readonly name: string })[]
  format(kept: K): string
  /** `words`: what a search looks through. */
  look(kept: K): { readonly row: R; readonly words: string }
  /** Of a file that cannot be read. */
  readonly emptyRow: R
}

/** A file as a list shows it. */
export interface KeptRow {
  /** Below the folder, with `/` on every system: `wifi/scan.json`. */
  readonly path: string
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
  /** Why the file cannot be read. */
  readonly fault?: string
}

export interface KeptList<R> {
  /** By path. */
  readonly rows: readonly (R & KeptRow)[]
  /** Files in the folder, whether they match or not. */
  readonly all: number
  /** Files that are not looked at, because there are too many. */
  readonly left: number
}

export interface KeptFile<K> {
  readonly path: string
  readonly kept: K
  /** Changes with the file, so that a change by somebody else is noticed. */
  readonly stamp: string
}

interface Looked<R> {
  readonly row: R & KeptRow
  /** In lower case. */
  readonly words: string
}

export class KeptFiles<K, R> {
  readonly #root: string
  readonly #format: KeptFormat<K, R>
  /** What the files said, by path; a file that changed is read anew. */
  #known = new Map<string, Looked<R> & { readonly size: number }>()
  /** Changes go one after the other. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(root: string, format: KeptFormat<K, R>) {
    this.#root = root
    this.#format = format
  }

  /** Those with all words of a text in path or content, in the order of their paths. */
  async list(text: string): Promise<KeptList<R>> {
    const paths = await this.#files()
    const looked = await inTurn(paths.slice(0, MAX_FILES), (path) => this.#look(path))
    const found = looked.filter((one) => one !== undefined)
    this.#known = new Map([...this.#known].filter(([path]) => found.some(({ row }) => row.path === path)))
    const wanted = text.toLowerCase().split(/\s+/).filter(Boolean)
    const matches = found.filter(({ words }) => wanted.every((word) => words.includes(word)))
    return {
      rows: matches.map(({ row }) => row),
      all: found.length,
      left: Math.max(0, paths.length - MAX_FILES),
    }
  }

  /** Throws a BenchFailure: `not-found`, or `failed` for a file that holds none. */
  async read(path: string): Promise<KeptFile<K>> {
    const text = await this.#text(path)
    const { noun, read } = this.#format
    try {
      const [kept] = read(text, nameOf(path))
      if (!kept) throw new JsonFault('', `The file has no ${noun}.`)
      return { path, kept, stamp: stampOf(text) }
    } catch (error) {
      if (error instanceof JsonFault) {
        throw new BenchFailure('failed', `${path} cannot be read. ${error.message}`)
      }
      throw error
    }
  }

  /** Without `over` the file must not exist; with it, it must be as it was when that stamp was given. */
  save(path: string, kept: K, over?: string): Promise<KeptFile<K>> {
    return this.#alone(async () => {
      const file = await this.#place(path)
      const before = await readIfThere(file)
      if (before !== undefined && over === undefined) {
        throw new BenchFailure(
          'conflict',
          `There is a ${this.#format.noun} ${path} already: choose another name.`,
        )
      }
      if (over !== undefined && before !== undefined && stampOf(before) !== over) {
        const text = `${path} was changed by somebody else since it was opened: save it under another name.`
        throw new BenchFailure('conflict', text)
      }
      const text = this.#format.format(kept)
      await this.#write(file, text)
      return { path, kept, stamp: stampOf(text) }
    })
  }

  rename(from: string, to: string): Promise<void> {
    return this.#alone(async () => {
      const [source, target] = [await this.#place(from), await this.#place(to)]
      if (source === target) return
      // A system that does not tell capitals apart sees the same file.
      const onlyCase = from.toLowerCase() === to.toLowerCase()
      if (!onlyCase && (await isThere(target))) {
        throw new BenchFailure('conflict', `There is a ${this.#format.noun} ${to} already.`)
      }
      await mkdir(dirname(target), { recursive: true })
      await rename(source, target).catch((error: unknown) => {
        throw this.#notFound(error, from)
      })
    })
  }

  /** To the trash beside the files, under a name that tells when. */
  trash(path: string): Promise<void> {
    return this.#alone(async () => {
      const file = await this.#place(path)
      const now = new Date().toISOString().replaceAll(':', '')
      await moveToTrash(this.#root, file, `${nameOf(path)} ${now}.json`).catch((error: unknown) => {
        throw this.#notFound(error, path)
      })
    })
  }

  /** Saves what a file holds; answers the paths. Throws a BenchFailure for a text that is none. */
  async import(folder: string, name: string, text: string): Promise<string[]> {
    folderParts(folder)
    const { noun, read, format } = this.#format
    let all: ReturnType<typeof read>
    try {
      all = read(text, plainName(name, noun))
    } catch (error) {
      if (!(error instanceof JsonFault)) throw error
      throw new BenchFailure('invalid-request', `${name === '' ? 'The text' : name}: ${error.message}`)
    }
    if (all.length > MAX_FILES) {
      throw new BenchFailure('invalid-request', `The file holds more than ${MAX_FILES} ${noun}s.`)
    }
    return this.#alone(async () => {
      const saved: string[] = []
      for (const one of all) {
        const path = await this.#freePath(folder, plainName(one.name === '' ? name : one.name, noun))
        await this.#write(await this.#place(path), format(one))
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
    for (const part of fileParts(path)) {
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
      throw this.#notFound(error, path)
    })
    if (facts.size > this.#format.maxFileBytes) {
      throw new BenchFailure(
        'failed',
        `${path} is larger than any ${this.#format.noun}: ${facts.size} bytes.`,
      )
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

  async #look(path: string): Promise<Looked<R> | undefined> {
    const facts = await stat(join(this.#root, path)).catch(() => undefined)
    if (!facts) return undefined
    const modifiedAt = Math.round(facts.mtimeMs)
    const before = this.#known.get(path)
    if (before?.row.modifiedAt === modifiedAt && before.size === facts.size) return before
    const looked = { ...(await this.#lookInto(path, modifiedAt)), size: facts.size }
    this.#known.set(path, looked)
    return looked
  }

  async #lookInto(path: string, modifiedAt: number): Promise<Looked<R>> {
    try {
      const { kept } = await this.read(path)
      const { row, words } = this.#format.look(kept)
      return { row: { ...row, path, modifiedAt }, words: `${path}\n${words}`.toLowerCase() }
    } catch (error) {
      const fault = (error as Error).message
      return { row: { ...this.#format.emptyRow, path, modifiedAt, fault }, words: path.toLowerCase() }
    }
  }

  async #write(file: string, text: string): Promise<void> {
    try {
      await mkdir(dirname(file), { recursive: true })
      await writeWhole(file, text)
    } catch (error) {
      throw new BenchFailure(
        'unavailable',
        `The ${this.#format.noun} is not saved: ${(error as Error).message}.`,
      )
    }
  }

  #notFound(error: unknown, path: string): BenchFailure {
    if (errorCode(error) === 'ENOENT')
      return new BenchFailure('not-found', `There is no ${this.#format.noun} ${path} any more.`)
    return new BenchFailure('failed', `${path}: ${(error as Error).message}.`)
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
    else fileParts(path)
    return true
  } catch {
    return false
  }
}

const nameOf = (path: string): string => (path.split('/').at(-1) ?? '').replace(/\.json$/, '')
const stampOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32)

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
