/**
 * What was sent, in `messages-history.json` of the workspace: bounded, and for the owner alone, as a message may hold
 * a password.
 */
import { readFile } from 'node:fs/promises'
import * as v from 'valibot'
import { MAX_SENT, type SentMessage } from '../../../shared/contract/saved-messages.ts'
import { requestKinds } from '../../../shared/usp/kinds.ts'
import { errorCode, setAside, writeSecret } from '../workspace/files.ts'

export const HISTORY_FILE = 'messages-history.json'
const FILE_VERSION = 1
/** Of all texts together; the oldest go first. */
const MAX_TEXT = 2_000_000

const sentSchema = v.object({
  no: v.number(),
  time: v.number(),
  kind: v.picklist(requestKinds),
  text: v.string(),
  variables: v.record(v.string(), v.string()),
  endpointIds: v.array(v.string()),
  devices: v.number(),
  answered: v.number(),
  failed: v.number(),
})
const fileSchema = v.object({ version: v.literal(FILE_VERSION), sent: v.array(sentSchema) })

export class SentHistory {
  readonly #path: string
  readonly #onProblem: (text: string) => void
  /** Newest first; undefined until the file was read. */
  #sent: readonly SentMessage[] | undefined
  #reading: Promise<readonly SentMessage[]> | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(path: string, onProblem: (text: string) => void) {
    this.#path = path
    this.#onProblem = onProblem
  }

  /** Read once, however many ask at a time. */
  async all(): Promise<readonly SentMessage[]> {
    this.#reading ??= this.#read()
    const read = await this.#reading
    return (this.#sent ??= read)
  }

  /** The same message again only moves to the front. */
  async add(message: Omit<SentMessage, 'no' | 'time'>): Promise<void> {
    await this.all()
    // What others added while the file was being read is in it.
    const before = this.#sent ?? []
    const no = (before[0]?.no ?? 0) + 1
    const others = before.filter((one) => !isSame(one, message))
    await this.#keep([{ ...message, no, time: Date.now() }, ...others])
  }

  clear(): Promise<void> {
    return this.#keep([])
  }

  /** Waits for a write under way. */
  settle(): Promise<void> {
    return this.#writing
  }

  #keep(sent: readonly SentMessage[]): Promise<void> {
    let left = MAX_TEXT
    this.#sent = sent
      .slice(0, MAX_SENT)
      .filter(({ text }, index) => (left -= text.length) >= 0 || index === 0)
    this.#writing = this.#writing.then(async () => {
      try {
        // What is newest by then.
        const file = { version: FILE_VERSION, sent: this.#sent ?? [] }
        await writeSecret(this.#path, `${JSON.stringify(file, null, 1)}\n`)
      } catch (error) {
        this.#onProblem(`What was sent is not kept: ${(error as Error).message}.`)
      }
    })
    return this.#writing
  }

  async #read(): Promise<readonly SentMessage[]> {
    try {
      return v.parse(fileSchema, JSON.parse(await readFile(this.#path, 'utf8'))).sent
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return []
      const aside = await setAside(this.#path, new Date()).catch(() => this.#path)
      this.#onProblem(`${HISTORY_FILE} cannot be read: ${(error as Error).message}. It is kept as ${aside}.`)
      return []
    }
  }
}

const isSame = (one: SentMessage, other: Omit<SentMessage, 'no' | 'time'>): boolean =>
  one.text === other.text &&
  one.devices === other.devices &&
  one.endpointIds.join('\n') === other.endpointIds.join('\n') &&
  JSON.stringify(one.variables) === JSON.stringify(other.variables)
