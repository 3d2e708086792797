/** Which endpoint IDs a user may state besides its own name; in a file of the workspace. */
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { errorCode, setAside, writeWhole } from '../workspace/files.ts'

const FILE_VERSION = 1

export class EndpointBindings {
  readonly #path: string
  readonly #bindings: Map<string, readonly string[]>

  private constructor(path: string, bindings: Map<string, readonly string[]>) {
    this.#path = path
    this.#bindings = bindings
  }

  /** A file that cannot be read is set aside and told; nobody has other endpoint IDs then. */
  static async open(path: string, onProblem: (text: string) => void): Promise<EndpointBindings> {
    try {
      return new EndpointBindings(path, parse(await readFile(path, 'utf8')))
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') {
        const why = error instanceof Error ? error.message : String(error)
        const aside = await setAside(path, new Date())
        onProblem(`${basename(path)} cannot be read: ${why}. It is kept as ${basename(aside)}.`)
      }
      return new EndpointBindings(path, new Map())
    }
  }

  of(username: string): readonly string[] {
    return this.#bindings.get(username) ?? []
  }

  /** Rejects with a BenchFailure `unavailable` when it cannot be kept; nothing is changed then. */
  async set(username: string, endpoints: readonly string[]): Promise<void> {
    const wished = [...new Set(endpoints)].filter((id) => id !== '' && id !== username)
    const next = new Map(this.#bindings)
    if (wished.length > 0) next.set(username, wished)
    else if (!next.delete(username)) return
    const file = { version: FILE_VERSION, endpoints: [...next] }
    try {
      await writeWhole(this.#path, `${JSON.stringify(file, undefined, 2)}\n`)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new BenchFailure('unavailable', `${this.#path} cannot be written: ${why}.`)
    }
    this.#bindings.clear()
    for (const [name, ids] of next) this.#bindings.set(name, ids)
  }
}

function parse(text: string): Map<string, readonly string[]> {
  const file = JSON.parse(text) as { readonly version?: unknown; readonly endpoints?: unknown }
  if (file.version !== FILE_VERSION) throw new Error(`its version is not ${FILE_VERSION}`)
  const isText = (value: unknown): value is string => typeof value === 'string'
  const isBinding = (one: unknown): one is [string, string[]] =>
    Array.isArray(one) && isText(one[0]) && Array.isArray(one[1]) && one[1].every(isText)
  if (!Array.isArray(file.endpoints) || !file.endpoints.every(isBinding))
    throw new Error('it is no list of users')
  return new Map(file.endpoints)
}
