/** Files between a browser and the bench: uploads to import, and exports to fetch, each once. */
import { randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { basename, dirname, join, resolve } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { BenchFailure } from '../../shared/contract/result.ts'
import { exportedFile } from '../common/exports.ts'

export const UPLOAD_PATH = '/upload'
export const DOWNLOAD_PATH = '/download/'
const IMPORTS = 'imports'
/** A ticket that nobody uses does not open the door for ever. */
const TICKET_MS = 10 * 60_000
const MAX_TICKETS = 100
/** Largest file that is taken, in bytes. */
export const MAX_UPLOAD = 8 * 1024 * 1024 * 1024

interface Ticket {
  readonly path: string
  readonly name: string
  readonly size: number
  readonly until: number
}

export class Files {
  readonly #workspace: () => string
  readonly #maxUpload: number
  readonly #tickets = new Map<string, Ticket>()

  constructor(workspace: () => string, maxUpload = MAX_UPLOAD) {
    this.#workspace = workspace
    this.#maxUpload = maxUpload
  }

  /** An address under which an exported file can be fetched once, for ten minutes. BenchFailure `not-found`. */
  async offer(file: string): Promise<string> {
    const found = await exportedFile(this.#workspace(), file)
    const now = Date.now()
    for (const [id, { until }] of this.#tickets) if (until < now) this.#tickets.delete(id)
    const [oldest] = this.#tickets.keys()
    if (this.#tickets.size >= MAX_TICKETS && oldest !== undefined) this.#tickets.delete(oldest)
    const id = randomBytes(32).toString('base64url')
    this.#tickets.set(id, { ...found, until: now + TICKET_MS })
    return DOWNLOAD_PATH + id
  }

  /** Sends the file of a ticket; false when there is no such ticket (any more). */
  async send(id: string, response: ServerResponse): Promise<boolean> {
    const ticket = this.#tickets.get(id)
    if (ticket === undefined || ticket.until < Date.now()) return false
    this.#tickets.delete(id)
    const name = encodeURIComponent(ticket.name).replaceAll("'", '%27')
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-length': ticket.size,
      'content-disposition': `attachment; filename*=UTF-8''${name}`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    // An export is not touched again once it is whole.
    await pipeline(createReadStream(ticket.path), response)
    return true
  }

  /** Keeps what is uploaded in a file and answers its path. BenchFailure `invalid-request` when it is too large. */
  async receive(request: IncomingMessage, name: string): Promise<string> {
    // A folder each keeps two of the same name apart; the name itself is what the person sees.
    const folder = join(this.#workspace(), IMPORTS, randomBytes(6).toString('hex'))
    await mkdir(folder, { recursive: true })
    const path = join(folder, safeName(name))
    let size = 0
    const most = this.#maxUpload
    const limit = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        size += chunk.length
        if (size <= most) return done(null, chunk)
        done(new BenchFailure('invalid-request', `A file of more than ${most} bytes is not taken.`))
      },
    })
    try {
      await pipeline(request, limit, createWriteStream(path, { flags: 'wx', mode: 0o600 }))
    } catch (error) {
      await rm(folder, { recursive: true, force: true })
      throw error
    }
    return path
  }

  /** Removes an uploaded file; any other one is left alone. */
  async forget(path: string): Promise<void> {
    const folder = dirname(resolve(path))
    if (dirname(folder) === resolve(join(this.#workspace(), IMPORTS)))
      await rm(folder, { recursive: true, force: true })
  }

  /** Removes uploads that nobody imported: those of a bench before, and of pages that were closed. */
  async clean(olderThanMs: number): Promise<void> {
    const folder = join(this.#workspace(), IMPORTS)
    const names = await readdir(folder).catch(() => [])
    for (const name of names) {
      const path = join(folder, name)
      const found = await stat(path).catch(() => undefined)
      if (found !== undefined && Date.now() - found.mtimeMs >= olderThanMs)
        await rm(path, { recursive: true, force: true })
    }
  }
}

const safeName = (name: string): string =>
  basename(name)
    .replaceAll(/[^\p{L}\p{N} ._()-]+/gu, '-')
    .replace(/^\.+/, '')
    .slice(-100)
    .trim() || 'upload'
