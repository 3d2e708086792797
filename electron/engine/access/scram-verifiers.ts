/** SCRAM verifiers of the users, made of their passwords when first asked for. */
import { createHmac, pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { verifierOf, type ScramVerifier } from './scram.ts'

const derive = promisify(pbkdf2)
/** The least that RFC 7677 allows; passwords here are kept as they are anyway. */
const ITERATIONS = 4096
const KEY_BYTES = 32
const SALT_BYTES = 16
/** Kept; the oldest goes. */
const MAX_KEPT = 1000

interface Kept {
  readonly fingerprint: string
  readonly verifier: ScramVerifier
}

export class ScramVerifiers {
  readonly #reveal: (username: string) => Uint8Array | undefined
  /** Salts are of this process: the same for a user each time, whether it exists or not. */
  readonly #key = randomBytes(KEY_BYTES)
  readonly #kept = new Map<string, Kept>()

  constructor(reveal: (username: string) => Uint8Array | undefined) {
    this.#reveal = reveal
  }

  /**
   * The verifier of a user. For one that is not known it is one that no proof fits, so that a client learns nothing
   * from the difference.
   */
  async of(username: string): Promise<{ readonly verifier: ScramVerifier; readonly known: boolean }> {
    const password = this.#reveal(username)
    const known = password !== undefined && password.length > 0
    const secret = known ? normalized(password) : randomBytes(KEY_BYTES)
    const fingerprint = known ? createHmac('sha256', this.#key).update(secret).digest('hex') : ''
    const kept = this.#kept.get(username)
    if (known && kept?.fingerprint === fingerprint) return { verifier: kept.verifier, known }
    const salt = createHmac('sha256', this.#key).update(`salt ${username}`).digest().subarray(0, SALT_BYTES)
    const salted = await derive(secret, salt, ITERATIONS, KEY_BYTES, 'sha256')
    const verifier = verifierOf(salted, salt, ITERATIONS)
    if (known) {
      this.#kept.delete(username)
      this.#kept.set(username, { fingerprint, verifier })
      if (this.#kept.size > MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value as string)
    }
    return { verifier, known }
  }
}

/** SASLprep as far as it goes for passwords that are text: compatibility composition (RFC 4013, 2.2). */
function normalized(password: Uint8Array): Uint8Array {
  try {
    return Buffer.from(new TextDecoder('utf-8', { fatal: true }).decode(password).normalize('NFKC'))
  } catch {
    return password
  }
}
