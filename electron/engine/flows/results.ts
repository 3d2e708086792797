/** Results of runs as files in `flows/results/`: the newest ones, within a budget. */
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { FlowResultInfo } from '../../../shared/contract/flows.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import type { FlowResult } from '../../../shared/flow/run/result.ts'
import { attachmentBytes, attachmentFolder } from './attachments.ts'
import { errorCode, writeWhole } from '../workspace/files.ts'

/** The flows of TP-469 on two devices. */
const MAX_RESULTS = 300
const MAX_BYTES = 200 << 20
const fileName = /^([A-Za-z0-9][A-Za-z0-9._-]{0,150})\.json$/

export class FlowResults {
  readonly folder: string
  /** Oldest first: IDs begin with the time. */
  readonly #kept = new Map<string, FlowResultInfo>()

  constructor(folder: string) {
    this.folder = folder
  }

  /** Newest first. */
  get list(): readonly FlowResultInfo[] {
    return [...this.#kept.values()].toReversed()
  }

  /** Reads what is there. Files that are no results are left alone. */
  async open(): Promise<void> {
    const names = (await readdir(this.folder).catch(() => [])).sort()
    for (const name of names) {
      const id = fileName.exec(name)?.[1]
      if (id === undefined) continue
      const result = await this.get(id).catch(() => undefined)
      if (result) this.#kept.set(id, infoOf(id, result, (await stat(this.#path(id))).size))
    }
    // Of runs that a crash ended.
    for (const name of names) {
      const id = /^(.+)\.files$/.exec(name)?.[1]
      if (id !== undefined && !this.#kept.has(id)) await this.#removeFiles(id)
    }
    await this.#trim()
  }

  async add(id: string, result: FlowResult): Promise<void> {
    await mkdir(this.folder, { recursive: true })
    const text = `${JSON.stringify(result)}\n`
    await writeWhole(this.#path(id), text)
    this.#kept.set(id, infoOf(id, result, Buffer.byteLength(text)))
    await this.#trim()
  }

  async get(id: string): Promise<FlowResult> {
    try {
      const value: unknown = JSON.parse(await readFile(this.#path(id), 'utf8'))
      if (isResult(value)) return value
    } catch (error) {
      if (errorCode(error) === 'ENOENT')
        throw new BenchFailure('not-found', `There is no result ${id}; only the newest are kept.`)
    }
    throw new BenchFailure('failed', `The result ${id} cannot be read.`)
  }

  async delete(id: string): Promise<void> {
    if (!this.#kept.delete(id)) throw new BenchFailure('not-found', `There is no result ${id}.`)
    await rm(this.#path(id), { force: true })
    await this.#removeFiles(id)
  }

  async #removeFiles(id: string): Promise<void> {
    await rm(attachmentFolder(this.folder, id), { recursive: true, force: true })
  }

  async #trim(): Promise<void> {
    let bytes = [...this.#kept.values()].reduce((sum, info) => sum + info.bytes, 0)
    for (const info of this.#kept.values()) {
      if (this.#kept.size <= MAX_RESULTS && (bytes <= MAX_BYTES || this.#kept.size === 1)) return
      bytes -= info.bytes
      await this.delete(info.id)
    }
  }

  #path(id: string): string {
    return join(this.folder, `${id}.json`)
  }
}

function infoOf(id: string, result: FlowResult, bytes: number): FlowResultInfo {
  const { name, device, status, start } = result
  return { id, name, device, status, startedAt: start, bytes: bytes + attachmentBytes(result) }
}

/** Enough of one to be listed and written as a report. */
function isResult(value: unknown): value is FlowResult {
  if (typeof value !== 'object' || value === null) return false
  const { name, device, status, start, setup, steps, cleanup } = value as Partial<FlowResult>
  return (
    [name, device, status].every((one) => typeof one === 'string') &&
    typeof start === 'number' &&
    [setup, steps, cleanup].every(Array.isArray)
  )
}
