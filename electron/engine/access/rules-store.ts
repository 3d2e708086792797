/**
 * The access list and its history: kept in the workspace, shared through NATS when there is one. Where both have
 * been changed, the newer change wins and the other stays in the history, so nothing is lost.
 */
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { OKTOPUS_DEFAULTS } from '../../../shared/acl/defaults.ts'
import type { AclList } from '../../../shared/acl/model.ts'
import { checkAcl, formatAcl } from '../../../shared/acl/parse.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import type { SharedDocument } from '../nats/document.ts'
import { Signal } from '../nats/signal.ts'
import { errorCode, setAside, writeWhole } from '../workspace/files.ts'

export interface StoredList {
  readonly list: AclList
  /** Milliseconds since 1970. */
  readonly changedAt: number
  readonly changedBy: string
  readonly note: string
}

export interface RulesStoreOptions {
  /** Of the file in the workspace. */
  readonly path: string
  /** The bench as others see it in the history. */
  readonly by: string
  readonly onProblem: (text: string) => void
  readonly now?: () => number
}

const FILE_VERSION = 1
const KEPT_VERSIONS = 50
const first: StoredList = {
  list: OKTOPUS_DEFAULTS,
  changedAt: 0,
  changedBy: 'Oktobench',
  note: 'The Oktopus flow, strict',
}

export class RulesStore {
  readonly #options: RulesStoreOptions
  readonly #changed = new Signal<AclList>()
  /** Newest first; never empty. */
  #saving: Promise<unknown> = Promise.resolve()
  #versions: readonly StoredList[]
  #shared: SharedDocument<AclList> | undefined

  private constructor(options: RulesStoreOptions, versions: readonly StoredList[]) {
    this.#options = options
    this.#versions = versions
  }

  /** A file that cannot be read is set aside and told; the default list is in force then. */
  static async open(options: RulesStoreOptions): Promise<RulesStore> {
    try {
      return new RulesStore(options, parseFile(await readFile(options.path, 'utf8')))
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return new RulesStore(options, [first])
      const why = error instanceof Error ? error.message : String(error)
      const aside = await setAside(options.path, new Date())
      options.onProblem(
        `${basename(options.path)} cannot be read: ${why}. It is kept as ${basename(aside)}; the default rules are in force.`,
      )
      return new RulesStore(options, [first])
    }
  }

  get current(): AclList {
    return (this.#versions[0] ?? first).list
  }

  /** Newest first. */
  get history(): readonly StoredList[] {
    return this.#versions
  }

  /** Told when the list in force is another one, whoever changed it. */
  onChange(listener: (list: AclList) => void): () => void {
    return this.#changed.on(listener)
  }

  /**
   * Puts an edited list in force. Rejects with a BenchFailure: `conflict` when the list was changed since version
   * `basedOn`, `unavailable` when the file cannot be written (the list is not in force then).
   */
  save(list: AclList, basedOn: number, note: string): Promise<AclList> {
    // One after the other: a second one that began with the same version must find that there is a newer one.
    const saved = this.#saving.then(() => this.#save(list, basedOn, note))
    this.#saving = saved.catch(() => undefined)
    return saved
  }

  async #save(list: AclList, basedOn: number, note: string): Promise<AclList> {
    const { version } = this.current
    if (basedOn !== version) {
      throw new BenchFailure(
        'conflict',
        `The rules were changed meanwhile (version ${version}, yours began with ${basedOn}). Look at the history, then save again.`,
      )
    }
    const { by, now = Date.now } = this.#options
    const stored = { list: { ...list, version: version + 1 }, changedAt: now(), changedBy: by, note }
    await this.#keep([stored, ...this.#versions])
    this.#changed.tell(stored.list)
    void this.#share()
    return stored.list
  }

  /** From now on the list is shared; differences are settled when NATS is there, and whenever it changes. */
  share(document: SharedDocument<AclList>): void {
    this.#shared = document
    document.onChange(() => void this.#settle())
  }

  /** NATS is there (again). */
  settle(): Promise<void> {
    return this.#settle()
  }

  async #settle(): Promise<void> {
    try {
      const theirs = this.#shared?.current
      const ours = this.#versions[0] ?? first
      if (theirs && theirs.changedAt > ours.changedAt && !isSame(theirs.content, ours.list)) {
        // A version number only ever grows, so that an edit based on the one before is told as a conflict.
        const version = Math.max(theirs.content.version, ours.list.version + 1)
        const { changedAt, changedBy, note } = theirs
        await this.#keep([
          { list: { ...theirs.content, version }, changedAt, changedBy, note },
          ...this.#versions,
        ])
        this.#changed.tell(this.current)
      } else {
        await this.#share()
      }
    } catch (error) {
      this.#options.onProblem(`The access rules of NATS cannot be used: ${messageOf(error)}`)
    }
  }

  /** Writes our list to NATS if it is the newer one. */
  async #share(): Promise<void> {
    const shared = this.#shared
    const ours = this.#versions[0] ?? first
    if (!shared) return
    try {
      const theirs = shared.current
      if (theirs && (theirs.changedAt >= ours.changedAt || isSame(theirs.content, ours.list))) return
      await shared.put(ours.list, { by: ours.changedBy, note: ours.note }, theirs?.revision ?? 0)
    } catch {
      // NATS is away or was changed at this moment: settled when it tells of itself again.
    }
  }

  async #keep(versions: readonly StoredList[]): Promise<void> {
    const kept = versions.slice(0, KEPT_VERSIONS)
    const file = { version: FILE_VERSION, versions: kept }
    try {
      await writeWhole(this.#options.path, `${JSON.stringify(file, undefined, 2)}\n`)
    } catch (error) {
      throw new BenchFailure('unavailable', `${this.#options.path} cannot be written: ${messageOf(error)}.`)
    }
    this.#versions = kept
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
/** The same rules, whatever the order of their keys. */
const isSame = (a: AclList, b: AclList): boolean =>
  formatAcl({ ...a, version: 0 }) === formatAcl({ ...b, version: 0 })

/** Checks a list that came from outside. Throws an Error that names rule and field. */
export function checkedList(value: unknown): AclList {
  // Inside the bench a list goes without the number that its files carry.
  const result = checkAcl(typeof value === 'object' ? { format: 1, ...value } : value)
  if (result.ok) return result.list
  const { index, field, text } = result.errors[0] as (typeof result.errors)[number]
  throw new Error(`${index === undefined ? '' : `rule ${index + 1}, `}${field || 'list'}: ${text}`)
}

/** The same for a command: BenchFailure `invalid-request`. */
export function requestedList(value: unknown): AclList {
  try {
    return checkedList(value)
  } catch (error) {
    throw new BenchFailure('invalid-request', `The access list is not right: ${messageOf(error)}`)
  }
}

function parseFile(text: string): readonly StoredList[] {
  const file = JSON.parse(text) as { readonly version?: unknown; readonly versions?: unknown }
  if (file.version !== FILE_VERSION)
    throw new Error(`its version is ${JSON.stringify(file.version)}, not ${FILE_VERSION}`)
  if (!Array.isArray(file.versions) || file.versions.length === 0) throw new Error('it holds no list')
  return file.versions.map((one: Partial<StoredList>) => ({
    list: checkedList(one.list),
    changedAt: Number(one.changedAt) || 0,
    changedBy: String(one.changedBy ?? ''),
    note: String(one.note ?? ''),
  }))
}
