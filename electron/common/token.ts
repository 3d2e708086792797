/** Tokens that open a bench, and how they are shown: pure. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { SUBPROTOCOL, TOKEN_PREFIX } from '../../shared/contract/encoding.ts'

/** 256 random bits, in characters that a subprotocol and a URL fragment can hold. */
export const makeToken = (): string => randomBytes(32).toString('base64url')

/** Undefined when usable, else what is wrong with a token given in the environment. */
export function tokenFault(token: string): string | undefined {
  return /^[A-Za-z0-9_-]{16,200}$/.test(token)
    ? undefined
    : 'OKTOBENCH_TOKEN must be 16 to 200 letters, digits, - and _.'
}

/** Compares in a time that tells nothing of the token, not even its length. */
export function sameToken(given: string | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return given !== undefined && timingSafeEqual(digest(given), digest(token))
}

export interface OfferedProtocols {
  readonly known: boolean
  readonly token: string | undefined
}

/** What a client offers in Sec-WebSocket-Protocol. */
export function readProtocols(header: string | undefined): OfferedProtocols {
  const offered = (header ?? '').split(',').map((item) => item.trim())
  return {
    known: offered.includes(SUBPROTOCOL),
    token: offered.find((item) => item.startsWith(TOKEN_PREFIX))?.slice(TOKEN_PREFIX.length),
  }
}
