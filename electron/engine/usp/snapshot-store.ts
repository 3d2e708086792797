/** Snapshots of data models as files in `snapshots/` of the workspace: readable, and movable by hand. */
import { access, mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Snapshot, SnapshotInfo, SnapshotsState } from '../../../shared/contract/snapshots.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { formatSnapshot, parseSnapshot } from '../../../shared/usp/dm/snapshot.ts'
import { coalesced } from '../workspace/coalesce.ts'
import { errorCode, writeWhole } from '../workspace/files.ts'
import { moveToTrash } from '../workspace/trash.ts'

/** Files that are listed; a folder with more is full. */
const MAX_SNAPSHOTS = 500
/** 200,000 values take about 20 MB. */
const MAX_FILE_BYTES = 64 << 20
const fileName = /^([A-Za-z0-9][A-Za-z0-9._-]{0,150})\.json$/

/** What a file was when it was read: as long as that holds, it need not be read again. */
interface Seen {
  readonly stamp: string
  readonly info?: SnapshotInfo
  readonly fault?: string
}

export class SnapshotStore {
  readonly #folder: string
  readonly #onChange: () => void
  #seen = new Map<string, Seen>()

  constructor(folder: string, onChange: () => void) {
    this.#folder = folder
    this.#onChange = onChange
  }

  get state(): SnapshotsState {
    const list = [...this.#seen.values()].flatMap(({ info }) => info ?? [])
    const unreadable = [...this.#seen].flatMap(([id, { fault }]) =>
      fault === undefined ? [] : { file: `${id}.json`, text: fault },
    )
    return { list: list.sort((a, b) => b.takenAt - a.takenAt || (a.id < b.id ? 1 : -1)), unreadable }
  }

  /** Looks at the folder; a second wish while it looks makes it look once more. Never rejects. */
  readonly scan = coalesced(() => this.#scan())

  /** Writes a new one and answers what is listed of it. */
  async add(snapshot: Snapshot): Promise<SnapshotInfo> {
    if (this.#seen.size >= MAX_SNAPSHOTS) {
      const text = `There are ${MAX_SNAPSHOTS} snapshots: delete some, or move them out of ${this.#folder}.`
      throw new BenchFailure('unavailable', text)
    }
    await mkdir(this.#folder, { recursive: true })
    const id = await this.#freeId(wishedId(snapshot))
    return this.#write(id, snapshot)
  }

  /** Throws a BenchFailure `not-found`. */
  async get(id: string): Promise<Snapshot> {
    try {
      return parseSnapshot(await readFile(this.#path(id), 'utf8'))
    } catch (error) {
      if (errorCode(error) === 'ENOENT') throw new BenchFailure('not-found', `There is no snapshot ${id}.`)
      throw new BenchFailure('failed', `The snapshot ${id} cannot be read: ${(error as Error).message}.`)
    }
  }

  async rename(id: string, name: string, note: string): Promise<void> {
    await this.#write(id, { ...(await this.get(id)), name, note })
  }

  /** Moves it to `.trash` in the folder. */
  async delete(id: string): Promise<void> {
    try {
      await moveToTrash(this.#folder, this.#path(id))
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error
      throw new BenchFailure('not-found', `There is no snapshot ${id}.`)
    } finally {
      await this.scan()
    }
  }

  async #write(id: string, snapshot: Snapshot): Promise<SnapshotInfo> {
    await writeWhole(this.#path(id), formatSnapshot(snapshot))
    await this.#look(id)
    this.#onChange()
    const info = this.#seen.get(id)?.info
    if (!info) throw new BenchFailure('failed', `The snapshot ${id} cannot be read after it was written.`)
    return info
  }

  async #scan(): Promise<void> {
    const names = await readdir(this.#folder).catch(() => [])
    const ids = names.flatMap((name) => fileName.exec(name)?.[1] ?? []).slice(0, MAX_SNAPSHOTS)
    const before = this.#seen
    this.#seen = new Map(ids.flatMap((id) => (before.has(id) ? [[id, before.get(id) as Seen]] : [])))
    for (const id of ids) await this.#look(id)
    this.#onChange()
  }

  /** A file that went meanwhile is not listed; one that cannot be read is, with its fault. */
  async #look(id: string): Promise<void> {
    try {
      const { size, mtimeMs } = await stat(this.#path(id))
      const stamp = `${size} ${mtimeMs}`
      if (this.#seen.get(id)?.stamp === stamp) return
      if (size > MAX_FILE_BYTES) {
        this.#seen.set(id, { stamp, fault: `it is larger than ${MAX_FILE_BYTES >> 20} MiB` })
        return
      }
      this.#seen.set(id, { stamp, ...(await this.#read(id, size)) })
    } catch {
      this.#seen.delete(id)
    }
  }

  async #read(id: string, bytes: number): Promise<Pick<Seen, 'info' | 'fault'>> {
    const text = await readFile(this.#path(id), 'utf8')
    try {
      const { values, failures, supported: _supported, ...head } = parseSnapshot(text)
      return { info: { id, ...head, values: values.length, failures: failures.length, bytes } }
    } catch (error) {
      return { fault: (error as Error).message }
    }
  }

  async #freeId(wished: string): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      const id = attempt === 1 ? wished : `${wished}-${attempt}`
      const taken = await access(this.#path(id)).then(
        () => true,
        () => false,
      )
      if (!taken) return id
    }
  }

  #path(id: string): string {
    return join(this.#folder, `${id}.json`)
  }
}

/** `20260301-091407-os-00256D-1`: by time, and readable; no colons, which Windows does not take. */
function wishedId({ takenAt, endpointId }: Snapshot): string {
  const time = new Date(takenAt).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')
  return `${time}-${endpointId.replaceAll(/[^A-Za-z0-9.]+/g, '-').slice(0, 60)}`
}
