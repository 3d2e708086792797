/**
 * Enhanced authentication of a client (MQTT 5.0, 4.12). Of SCRAM-SHA-256 (RFC 5802, RFC 7677) it speaks the client's
 * half: the password is proved, never sent, and the broker has to prove that it knows it, too. Data for any other
 * method goes out as the profile has it.
 */
import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import type { AuthPacket, ConnackPacket, ConnectPacket, Properties } from '../../../shared/mqtt/packets.ts'
import { getProperty, withProperty } from '../../../shared/mqtt/properties.ts'
import { SCRAM_METHOD } from '../access/scram.ts'

const HASH = 'sha256'
const HASH_BYTES = 32
const NONCE_BYTES = 18
/** More would hold a processor for seconds; RFC 7677 asks for 4,096 at least. */
const MAX_ITERATIONS = 1_000_000
/** Without channel binding. */
const GS2_HEADER = 'n,,'

/** Of an AUTH. */
export const authProperties = (method: string, data: Uint8Array | undefined): Properties => [
  { name: 'authenticationMethod', value: method },
  ...(data === undefined ? [] : [{ name: 'authenticationData', value: data } as const]),
]

const derive = promisify(pbkdf2)
const hmac = (key: Uint8Array, text: string): Buffer => createHmac(HASH, key).update(text).digest()

export class Authentication {
  readonly #method: string | undefined
  readonly #password: string | undefined
  readonly #username: string
  readonly #nonce = randomBytes(NONCE_BYTES).toString('base64')
  /** By which the broker is known. */
  #signature: string | undefined

  constructor({ properties, username = '' }: ConnectPacket, password: string | undefined) {
    this.#method = getProperty(properties, 'authenticationMethod')
    this.#password = password
    this.#username = username.replaceAll('=', '=3D').replaceAll(',', '=2C')
  }

  /** The CONNECT with the first message in it, and no password beside. */
  begin(connect: ConnectPacket): ConnectPacket {
    if (!this.isScram) return connect
    const { password: _password, ...rest } = connect
    const data = Buffer.from(GS2_HEADER + this.#bare)
    return { ...rest, properties: withProperty(connect.properties, 'authenticationData', data) }
  }

  get method(): string {
    return this.#method ?? ''
  }

  /** The answer to a challenge; undefined where there is none. */
  async meet({ properties }: AuthPacket): Promise<Properties | undefined> {
    const challenge = Buffer.from(getProperty(properties, 'authenticationData') ?? []).toString()
    const proof = this.isScram ? await this.#prove(challenge) : undefined
    if (proof === undefined) return undefined
    return authProperties(SCRAM_METHOD, Buffer.from(proof))
  }

  /** The first message of a re-authentication; `data` for another method. */
  again(data?: Uint8Array): Properties {
    const first = this.isScram ? Buffer.from(GS2_HEADER + this.#bare) : data
    return authProperties(this.method, first)
  }

  /** What is wrong with the broker that let this client in, or says that it is still right. */
  judge({ properties }: ConnackPacket | AuthPacket): string | undefined {
    if (!this.isScram) return undefined
    const said = Buffer.from(getProperty(properties, 'authenticationData') ?? []).toString()
    if (this.#signature !== undefined && said === `v=${this.#signature}`) return undefined
    return 'The broker let this client in without proving that it knows the password: it is perhaps another one.'
  }

  /** This client takes all steps by itself. */
  get isScram(): boolean {
    return this.#method === SCRAM_METHOD && this.#password !== undefined
  }
  get #bare(): string {
    return `n=${this.#username},r=${this.#nonce}`
  }

  /** Undefined for a challenge that is none. */
  async #prove(challenge: string): Promise<string | undefined> {
    const [, nonce = '', salt = '', iterations = ''] =
      /^r=([^,]+),s=([^,]+),i=(\d{1,7})(?:,|$)/.exec(challenge) ?? []
    const rounds = Number(iterations)
    if (!nonce.startsWith(this.#nonce) || nonce === this.#nonce) return undefined
    if (rounds < 1 || rounds > MAX_ITERATIONS) return undefined
    const salted = await derive(this.#password ?? '', Buffer.from(salt, 'base64'), rounds, HASH_BYTES, HASH)
    const clientKey = hmac(salted, 'Client Key')
    const last = `c=${Buffer.from(GS2_HEADER).toString('base64')},r=${nonce}`
    const signed = `${this.#bare},${challenge},${last}`
    const signature = hmac(createHash(HASH).update(clientKey).digest(), signed)
    this.#signature = hmac(hmac(salted, 'Server Key'), signed).toString('base64')
    const proof = Buffer.from(clientKey.map((byte, at) => byte ^ (signature[at] as number)))
    return `${last},p=${proof.toString('base64')}`
  }
}
