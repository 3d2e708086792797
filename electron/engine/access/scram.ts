/**
 * SCRAM-SHA-256 (RFC 5802, RFC 7677), the server's half, without channel binding. Pure: messages in, messages out.
 * Texts say what is wrong with a message, and never hold a password or a proof.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export const SCRAM_METHOD = 'SCRAM-SHA-256'
const HASH = 'sha256'
const HASH_BYTES = 32

/** What a server keeps of a password. */
export interface ScramVerifier {
  readonly salt: Buffer
  readonly iterations: number
  readonly storedKey: Buffer
  readonly serverKey: Buffer
}

export interface ClientFirst {
  readonly username: string
  readonly nonce: string
  /** `client-first-message-bare`, a part of what is signed. */
  readonly bare: string
  /** As the client repeats it in its last message. */
  readonly binding: string
}

export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly text: string }
const fault = (text: string): { readonly ok: false; readonly text: string } => ({ ok: false, text })

const hmac = (key: Uint8Array, text: string): Buffer => createHmac(HASH, key).update(text).digest()
const hash = (bytes: Uint8Array): Buffer => createHash(HASH).update(bytes).digest()

/** Of SaltedPassword, `Hi(Normalize(password), salt, i)`: PBKDF2 with HMAC-SHA-256, 32 bytes. */
export const verifierOf = (saltedPassword: Uint8Array, salt: Buffer, iterations: number): ScramVerifier => ({
  salt,
  iterations,
  storedKey: hash(hmac(saltedPassword, 'Client Key')),
  serverKey: hmac(saltedPassword, 'Server Key'),
})

/** `n,,n=user,r=nonce` */
export function parseClientFirst(data: Uint8Array): Parsed<ClientFirst> {
  const text = utf8(data)
  const match = text === undefined ? null : /^(n|y|p=[^,]*),(a=[^,]+)?,(.*)$/s.exec(text)
  if (!match) return fault('the first SCRAM message does not begin with a GS2 header')
  const [, binding = '', identity, bare = ''] = match
  if (binding.startsWith('p')) return fault('the client asks for channel binding, which is not offered')
  const named = /^n=([^,]+),r=([!-+\--~]+)(,.*)?$/s.exec(bare)
  if (!named) return fault('the first SCRAM message has no user name and nonce')
  const [, escaped = '', nonce = ''] = named
  if (/=(?!2C|3D)/.test(escaped)) return fault('the user name holds a = that stands for nothing')
  const username = escaped.replaceAll('=2C', ',').replaceAll('=3D', '=')
  if (identity !== undefined && identity !== `a=${escaped}`)
    return fault('the client wants to act for another user')
  return { ok: true, value: { username, nonce, bare, binding: `${binding},${identity ?? ''},` } }
}

/** `r=nonce,s=salt,i=iterations`; `nonce` is the client's with the server's behind it. */
export const serverFirst = (nonce: string, { salt, iterations }: ScramVerifier): string =>
  `r=${nonce},s=${salt.toString('base64')},i=${iterations}`

/**
 * Judges `c=binding,r=nonce,p=proof`; answers `v=signature`, by which the client knows the server. `challenge` is
 * what `serverFirst` answered.
 */
export function judgeClientFinal(
  data: Uint8Array,
  first: ClientFirst,
  nonce: string,
  challenge: string,
  { storedKey, serverKey }: ScramVerifier,
): Parsed<string> {
  const text = utf8(data)
  const match = text === undefined ? null : /^c=([^,]+),r=([^,]+)((?:,[^p][^,]*)*),p=([^,]+)$/s.exec(text)
  if (!match) return fault('the last SCRAM message has no binding, nonce and proof')
  const [, binding = '', echoed = '', extensions = '', proofText = ''] = match
  if (binding !== Buffer.from(first.binding).toString('base64'))
    return fault('the binding is not that of the first message')
  if (echoed !== nonce) return fault('the nonce is not the one that was given')
  const signed = `${first.bare},${challenge},c=${binding},r=${echoed}${extensions}`
  const proof = Buffer.from(proofText, 'base64')
  const signature = hmac(storedKey, signed)
  if (proof.length !== HASH_BYTES) return fault('the proof is not one of SHA-256')
  const clientKey = proof.map((byte, i) => byte ^ (signature[i] as number))
  if (!timingSafeEqual(hash(clientKey), storedKey)) return fault('the password is wrong')
  return { ok: true, value: `v=${hmac(serverKey, signed).toString('base64')}` }
}

function utf8(data: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data)
  } catch {
    return undefined
  }
}
