/** One JSON document in a bucket, with who changed it, why, and its earlier versions. */
import type { Bucket, BucketEntry } from './bucket.ts'
import { NatsError } from './explain.ts'

export interface DocumentVersion<T> {
  readonly content: T
  /** Revision of the bucket: give it back when writing. */
  readonly revision: number
  /** Milliseconds since 1970, by the server's clock. */
  readonly changedAt: number
  /** Who changed it, e.g. the name of a bench, and what for. */
  readonly changedBy: string
  readonly note: string
}

export interface Change {
  readonly by: string
  readonly note: string
}

const DOCUMENT_VERSION = 1
const MAX_BYTES = 512 * 1024

export class SharedDocument<T> {
  readonly #bucket: Bucket
  readonly #key: string
  readonly #parse: (content: unknown) => T

  /** `parse` answers the checked content or throws an Error that says what is wrong with it. */
  constructor(bucket: Bucket, key: string, parse: (content: unknown) => T) {
    this.#bucket = bucket
    this.#key = key
    this.#parse = parse
  }

  /** As known; undefined when there is none. Throws a NatsError `other` for one that cannot be read. */
  get current(): DocumentVersion<T> | undefined {
    const entry = this.#bucket.get(this.#key)
    return entry === undefined || entry.deleted ? undefined : this.#read(entry)
  }

  onChange(listener: () => void): () => void {
    return this.#bucket.onChange((key) => {
      if (key === this.#key) listener()
    })
  }

  /**
   * Writes a version in the place of `expected` (its revision; 0 for the first one); answers the new revision.
   * Rejects with a NatsError: `conflict` when somebody else has changed it meanwhile, `configuration` when it is too
   * large, and as the bucket does.
   */
  async put(content: T, { by, note }: Change, expected: number): Promise<number> {
    const text = JSON.stringify({ version: DOCUMENT_VERSION, changedBy: by, note, content })
    const bytes = new TextEncoder().encode(text)
    if (bytes.length > MAX_BYTES) {
      const size = `${Math.ceil(bytes.length / 1024)} KiB; at most ${MAX_BYTES / 1024} KiB can be shared`
      throw new NatsError('configuration', `The document ${this.#key} has ${size}.`)
    }
    // After a deletion the newest revision is the deletion's.
    const held = this.#bucket.get(this.#key)
    return this.#bucket.put(this.#key, bytes, expected === 0 && held?.deleted ? held.revision : expected)
  }

  /** Newest first, the current one included. Versions that cannot be read are only counted. */
  async history(): Promise<{ versions: DocumentVersion<T>[]; unreadable: number }> {
    const entries = (await this.#bucket.history(this.#key)).filter(({ deleted }) => !deleted)
    const versions: DocumentVersion<T>[] = []
    for (const entry of entries) {
      try {
        versions.push(this.#read(entry))
      } catch {
        // Counted below.
      }
    }
    return { versions, unreadable: entries.length - versions.length }
  }

  #read({ value, revision, changedAt }: BucketEntry): DocumentVersion<T> {
    try {
      const parsed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value))
      if (typeof parsed !== 'object' || parsed === null) throw new TypeError('it is not a JSON object')
      const { version, changedBy, note, content } = parsed as Readonly<Record<string, unknown>>
      if (version !== DOCUMENT_VERSION) {
        throw new TypeError(
          `its version is ${JSON.stringify(version)}; this Oktobench knows ${DOCUMENT_VERSION}`,
        )
      }
      return {
        content: this.#parse(content),
        revision,
        changedAt,
        changedBy: typeof changedBy === 'string' ? changedBy : '',
        note: typeof note === 'string' ? note : '',
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new NatsError('other', `The shared document ${this.#key} cannot be read: ${why}.`, {
        cause: error,
      })
    }
  }
}
