/** Messages as bytes, for a WebSocket. A MessagePort clones them as they are and needs none of this. */
import { decode, encode } from '@msgpack/msgpack'

/** Properties that are undefined are left out; Uint8Array and bigint (64 bits) stay what they are. */
export const encodeMessage = (message: unknown): Uint8Array<ArrayBuffer> =>
  encode(message, { ignoreUndefined: true, useBigInt64: true })

/** Throws a RangeError or an Error for bytes that are no whole message. */
export const decodeMessage = (bytes: Uint8Array): unknown => decode(bytes, { useBigInt64: true })

/** Subprotocol of the WebSocket; a change of messages.ts that an old page cannot read raises it. */
export const SUBPROTOCOL = 'oktobench.1'
/** The page's token travels as a second subprotocol with this prefix: never in a URL, which lands in logs. */
export const TOKEN_PREFIX = 'token.'
/** Close code: the token is not (any more) the one of this bench. Trying again is useless. */
export const CLOSE_REFUSED = 4401
/** Close code: the client does not read, or says what no client says. */
export const CLOSE_MISBEHAVED = 4400
/** Path under which a bench that is served to other machines asks for a password. */
export const LOGIN_PATH = '/login'
/** Path of the WebSocket. */
export const SOCKET_PATH = '/bench'
