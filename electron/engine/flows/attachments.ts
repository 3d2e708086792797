/** Files that are kept with the result of a run, in a folder beside it. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import {
  attachmentType,
  isImage,
  isText,
  MAX_ATTACHMENT,
  MAX_ATTACHMENTS,
  MAX_ATTACHMENTS_BYTES,
  type Attachment,
  type AttachmentFiles,
} from '../../../shared/flow/attachments.ts'
import type { FlowReportFormat } from '../../../shared/flow/report/report.ts'
import { everyStep, type FlowResult } from '../../../shared/flow/run/result.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'

const MIB = 1 << 20
/** A shorter one would be found in everything. */
const SHORTEST_SECRET = 4

export const attachmentFolder = (results: string, id: string): string => join(results, `${id}.files`)

export const attachmentsOf = ({ setup, steps, cleanup }: FlowResult): Attachment[] =>
  [...everyStep([...setup, ...steps, ...cleanup])].flatMap(([step]) => step.attachments ?? [])

export const attachmentBytes = (result: FlowResult): number =>
  attachmentsOf(result).reduce((sum, { bytes }) => sum + bytes, 0)

/** BenchFailure `not-found`. `file` is one that the result names. */
export async function readAttachment(results: string, id: string, file: string): Promise<Uint8Array> {
  try {
    return await readFile(join(attachmentFolder(results, id), file))
  } catch {
    throw new BenchFailure('not-found', `The attachment ${file} is not there any more.`)
  }
}

/** Those of one run, as they come. */
export class Attachments {
  readonly #folder: string
  readonly #secrets: readonly Buffer[]
  #count = 0
  #bytes = 0

  constructor(results: string, id: string, secrets: readonly string[]) {
    this.#folder = attachmentFolder(results, id)
    this.#secrets = secrets.map((text) => Buffer.from(text)).filter(({ length }) => length >= SHORTEST_SECRET)
  }

  /** What is kept, or why it is not. Rejects when it cannot be written. */
  async add(name: string, bytes: Uint8Array): Promise<Attachment | string> {
    const why = this.#refusal(bytes)
    if (why !== undefined) return why
    this.#count += 1
    this.#bytes += bytes.length
    const file = `${this.#count}-${name}`
    await mkdir(this.#folder, { recursive: true })
    await writeFile(join(this.#folder, file), bytes)
    return { name, file, type: attachmentType(name), bytes: bytes.length }
  }

  #refusal(bytes: Uint8Array): string | undefined {
    if (bytes.length > MAX_ATTACHMENT)
      return `it has ${bytes.length} bytes, more than ${MAX_ATTACHMENT / MIB} MiB`
    if (this.#bytes + bytes.length > MAX_ATTACHMENTS_BYTES)
      return `the attachments of one run may have ${MAX_ATTACHMENTS_BYTES / MIB} MiB together`
    if (this.#count >= MAX_ATTACHMENTS) return `one run may have ${MAX_ATTACHMENTS} attachments`
    const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    return this.#secrets.some((secret) => whole.includes(secret))
      ? 'it holds a secret of the flow'
      : undefined
  }
}

/** Bytes of attachments that a report of results shows in itself. */
const MAX_SHOWN = 16 * MIB

/** What a report of this format needs of the files: those that it shows, or where they are. */
export async function attachedFiles(
  results: string,
  ids: readonly string[],
  found: readonly FlowResult[],
  format: FlowReportFormat,
): Promise<AttachmentFiles> {
  const folders = new Map(
    found.map(({ runId }, at) => [runId, resolve(attachmentFolder(results, ids[at] ?? ''))]),
  )
  const path = (runId: string, file: string): string => join(folders.get(runId) ?? results, file)
  return format === 'html' ? await shownFiles(found, path) : { path }
}

/** The bytes of what a report can show, as far as there is room. */
export async function shownFiles(
  found: readonly FlowResult[],
  path: (runId: string, file: string) => string | undefined,
): Promise<AttachmentFiles> {
  const data = new Map<string, Uint8Array>()
  let room = MAX_SHOWN
  for (const result of found) {
    for (const attachment of attachmentsOf(result)) {
      const { file, bytes } = attachment
      const from = path(result.runId, file)
      if (from === undefined || bytes > room || !(isImage(attachment) || isText(attachment))) continue
      const read = await readFile(from).catch(() => undefined)
      if (!read) continue
      room -= bytes
      data.set(`${result.runId} ${file}`, read)
    }
  }
  return { path, data: (runId, file) => data.get(`${runId} ${file}`) }
}
