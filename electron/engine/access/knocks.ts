/**
 * The passwords that refused devices presented, so that one can be admitted with what it already has. They stay
 * in memory, for a while, and never leave the engine.
 */
const MAX_KNOCKS = 200
const KEPT_MS = 60 * 60 * 1000

interface Knock {
  readonly password: Uint8Array
  readonly at: number
}

export class Knocks {
  readonly #knocks = new Map<number, Knock>()

  /** `id` is that of the denial. An empty password is none. */
  note(id: number, password: Uint8Array | undefined): void {
    this.#knocks.delete(id)
    if (!password || password.length === 0) return
    // A copy: the packet's own buffer may be large.
    this.#knocks.set(id, { password: Uint8Array.from(password), at: Date.now() })
    if (this.#knocks.size > MAX_KNOCKS) this.#knocks.delete(this.#knocks.keys().next().value as number)
  }

  password(id: number): Uint8Array | undefined {
    const knock = this.#knocks.get(id)
    if (!knock || Date.now() - knock.at < KEPT_MS) return knock?.password
    this.#knocks.delete(id)
    return undefined
  }
}
