/**
 * The first bytes of a connection to a TLS port: a ClientHello (RFC 8446, 4.1.2; RFC 5246, 7.4.1.2), read to explain
 * what a device offered, or something else that strayed there. Pure; never throws.
 */

export interface ClientHello {
  /** As the standards write them, newest first: `TLS 1.3`. Values made up for greasing (RFC 8701) are left out. */
  readonly versions: readonly string[]
  /** Server Name Indication; absent when the device was given an IP address. */
  readonly serverName?: string
  /** Empty when the extension is not there. */
  readonly alpn: readonly string[]
  /** IANA numbers in the order of the device; see `cipherSuiteName`. */
  readonly cipherSuites: readonly number[]
}

export type FirstBytes =
  | { readonly kind: 'hello'; readonly hello: ClientHello }
  /** More is needed to tell. */
  | { readonly kind: 'partial' }
  /** Looks like TLS, but is broken or longer than any device sends. */
  | { readonly kind: 'malformed' }
  /** Not TLS; `what` follows “came”: `an MQTT CONNECT without TLS`. */
  | { readonly kind: 'other'; readonly what: string }

const HANDSHAKE = 22
const CLIENT_HELLO = 1
const RECORD_HEADER = 5
const MAX_RECORD = 16_384 + 256
/** With post-quantum key shares a ClientHello has 2 KiB; nobody sends more than this. */
const MAX_HELLO = 32_768

const EXTENSION = { serverName: 0, alpn: 16, supportedVersions: 43 } as const

/** Reads `bytes`, everything that came so far. */
export function readFirstBytes(bytes: Buffer): FirstBytes {
  if (bytes.length === 0) return { kind: 'partial' }
  if (bytes[0] !== HANDSHAKE) return { kind: 'other', what: whatCame(bytes) }
  if (bytes.length > 1 && bytes[1] !== 3) return { kind: 'malformed' }
  // A message may span records (RFC 8446, 5.1).
  const parts: Buffer[] = []
  let have = 0
  for (let at = 0; at + RECORD_HEADER <= bytes.length;) {
    const length = bytes.readUInt16BE(at + 3)
    if (bytes[at] !== HANDSHAKE || length === 0 || length > MAX_RECORD) return { kind: 'malformed' }
    const part = bytes.subarray(at + RECORD_HEADER, at + RECORD_HEADER + length)
    parts.push(part)
    have += part.length
    at += RECORD_HEADER + length
    if (parts[0]?.[0] !== undefined && parts[0][0] !== CLIENT_HELLO) return { kind: 'malformed' }
    if (have < 4) continue
    const message = Buffer.concat(parts)
    const end = 4 + message.readUIntBE(1, 3)
    if (end > MAX_HELLO) return { kind: 'malformed' }
    if (message.length < end) continue
    try {
      return { kind: 'hello', hello: readHello(message.subarray(4, end)) }
    } catch {
      return { kind: 'malformed' }
    }
  }
  return bytes.length > MAX_HELLO * 2 ? { kind: 'malformed' } : { kind: 'partial' }
}

/** The body of a ClientHello. Throws a RangeError when it is too short. */
function readHello(body: Buffer): ClientHello {
  const cursor = new Cursor(body)
  const legacyVersion = cursor.u16()
  cursor.take(32) // random
  cursor.vector(1) // session ID
  const suites = cursor.vector(2)
  cursor.vector(1) // compression methods
  const extensions = readExtensions(cursor.left > 0 ? cursor.vector(2) : Buffer.alloc(0))

  const supported = extensions.get(EXTENSION.supportedVersions)
  const versions = supported ? words(new Cursor(supported).vector(1)) : olderVersions(legacyVersion)
  const serverName = extensions.get(EXTENSION.serverName)
  const named = serverName && readServerName(serverName)
  const alpn = extensions.get(EXTENSION.alpn)
  return {
    versions: versions
      .filter((version) => !isGrease(version))
      .sort((a, b) => b - a)
      .map(versionName),
    ...(named !== undefined && { serverName: named }),
    alpn: alpn ? readProtocols(alpn) : [],
    cipherSuites: words(suites).filter((suite) => !isGrease(suite)),
  }
}

class Cursor {
  readonly #bytes: Buffer
  #at = 0
  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }
  get left(): number {
    return this.#bytes.length - this.#at
  }
  take(count: number): Buffer {
    if (this.left < count) throw new RangeError('the ClientHello ends too early')
    return this.#bytes.subarray(this.#at, (this.#at += count))
  }
  u16(): number {
    return this.take(2).readUInt16BE()
  }
  /** Bytes behind their length, which itself takes this many bytes. */
  vector(lengthBytes: 1 | 2): Buffer {
    return this.take(this.take(lengthBytes).readUIntBE(0, lengthBytes))
  }
}

function readExtensions(bytes: Buffer): ReadonlyMap<number, Buffer> {
  const found = new Map<number, Buffer>()
  const cursor = new Cursor(bytes)
  while (cursor.left > 0) found.set(cursor.u16(), cursor.vector(2))
  return found
}

/** RFC 6066, 3: the first name of kind host_name. */
function readServerName(bytes: Buffer): string | undefined {
  const list = new Cursor(new Cursor(bytes).vector(2))
  while (list.left > 0) {
    const [kind] = list.take(1)
    const name = list.vector(2)
    if (kind === 0) return printable(name)
  }
  return undefined
}

/** RFC 7301, 3.1. */
function readProtocols(bytes: Buffer): string[] {
  const list = new Cursor(new Cursor(bytes).vector(2))
  const names: string[] = []
  while (list.left > 0) {
    const name = list.vector(1)
    if (name.length !== 2 || !isGrease(name.readUInt16BE())) names.push(printable(name))
  }
  return names
}

const words = (bytes: Buffer): number[] =>
  Array.from({ length: bytes.length >> 1 }, (_, i) => bytes.readUInt16BE(i * 2))

/** RFC 8701: 0x0a0a, 0x1a1a … 0xfafa. */
const isGrease = (value: number): boolean => (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff)

/** A client without the extension of TLS 1.3 offers its newest version and stands for the older ones. */
const olderVersions = (newest: number): number[] => [Math.min(newest, 0x0303)]

const versionNames: Readonly<Record<number, string>> = {
  0x0300: 'SSL 3.0',
  0x0301: 'TLS 1.0',
  0x0302: 'TLS 1.1',
  0x0303: 'TLS 1.2',
  0x0304: 'TLS 1.3',
}
const hex4 = (value: number): string => `0x${value.toString(16).padStart(4, '0')}`
const versionName = (version: number): string => versionNames[version] ?? hex4(version)

const printable = (bytes: Buffer): string =>
  bytes
    .toString('latin1')
    .replaceAll(/[^\x21-\x7e]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)

/** Clients that stray to a TLS port, by how the first bytes read as Latin-1. */
const strays: readonly (readonly [(text: string) => boolean, string])[] = [
  [
    (text) => text.startsWith('\u{10}') && /^.{4,7}(?:MQTT|MQIsdp)/s.test(text),
    'an MQTT CONNECT without TLS',
  ],
  [(text) => text.startsWith('\u{10}'), 'what looks like an MQTT CONNECT without TLS'],
  [(text) => /^(?:GET|POST|PUT|HEAD|OPTIONS|CONNECT|PRI) /.test(text), 'an HTTP request without TLS'],
  [(text) => text.startsWith('PROXY ') || text.startsWith('\r\n\r\n\0\r\nQUIT'), 'a PROXY protocol header'],
  [(text) => text.startsWith('SSH-'), 'an SSH greeting'],
  [(text) => text.startsWith('\u{15}\u{3}'), 'a TLS alert before any handshake'],
  [(text) => text.charCodeAt(0) >= 0x80 && text.charCodeAt(2) === CLIENT_HELLO, 'a ClientHello of SSL 2.0'],
]

function whatCame(bytes: Buffer): string {
  const text = bytes.toString('latin1', 0, 64)
  const known = strays.find(([matches]) => matches(text))
  if (known) return known[1]
  return `something that is not TLS (it begins with ${bytes.toString('hex', 0, Math.min(8, bytes.length))})`
}

/** Suites of TLS 1.3 and those that devices of the last twenty years offer (IANA, TLS Cipher Suites). */
const suiteNames: Readonly<Record<number, string>> = {
  0x0004: 'TLS_RSA_WITH_RC4_128_MD5',
  0x0005: 'TLS_RSA_WITH_RC4_128_SHA',
  0x000a: 'TLS_RSA_WITH_3DES_EDE_CBC_SHA',
  0x002f: 'TLS_RSA_WITH_AES_128_CBC_SHA',
  0x0033: 'TLS_DHE_RSA_WITH_AES_128_CBC_SHA',
  0x0035: 'TLS_RSA_WITH_AES_256_CBC_SHA',
  0x0039: 'TLS_DHE_RSA_WITH_AES_256_CBC_SHA',
  0x003c: 'TLS_RSA_WITH_AES_128_CBC_SHA256',
  0x003d: 'TLS_RSA_WITH_AES_256_CBC_SHA256',
  0x009c: 'TLS_RSA_WITH_AES_128_GCM_SHA256',
  0x009d: 'TLS_RSA_WITH_AES_256_GCM_SHA384',
  0x009e: 'TLS_DHE_RSA_WITH_AES_128_GCM_SHA256',
  0x009f: 'TLS_DHE_RSA_WITH_AES_256_GCM_SHA384',
  0x1301: 'TLS_AES_128_GCM_SHA256',
  0x1302: 'TLS_AES_256_GCM_SHA384',
  0x1303: 'TLS_CHACHA20_POLY1305_SHA256',
  0x1304: 'TLS_AES_128_CCM_SHA256',
  0x1305: 'TLS_AES_128_CCM_8_SHA256',
  0xc009: 'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA',
  0xc00a: 'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA',
  0xc013: 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA',
  0xc014: 'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA',
  0xc023: 'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256',
  0xc027: 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256',
  0xc02b: 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  0xc02c: 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  0xc02f: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  0xc030: 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  0xc0ac: 'TLS_ECDHE_ECDSA_WITH_AES_128_CCM',
  0xc0ae: 'TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8',
  0xcca8: 'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
  0xcca9: 'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
}

/** Not suites, but remarks among them (RFC 5746, RFC 7507). */
export const SIGNALLING_SUITES: ReadonlySet<number> = new Set([0x00ff, 0x5600])

export const cipherSuiteName = (suite: number): string => suiteNames[suite] ?? hex4(suite)
