/** What the hello messages of a TLS handshake say (RFC 8446, 4.1). Undefined for what cannot be read. */
const EXTENSION = { serverName: 0, alpn: 16, preSharedKey: 41, earlyData: 42, supportedVersions: 43 } as const

export interface ClientHello {
  readonly random: Uint8Array
  readonly sessionId: Uint8Array
  /** Server Name Indication; empty without it. */
  readonly serverName: string
  readonly protocols: readonly string[]
  readonly earlyData: boolean
}

export interface ServerHello {
  readonly random: Uint8Array
  readonly sessionId: Uint8Array
  readonly suite: number
  /** 0x0303 is TLS 1.2, 0x0304 is TLS 1.3. */
  readonly version: number
  readonly preSharedKey: boolean
  /** Not an answer yet, but the wish for another ClientHello. */
  readonly retry: boolean
}

/** SHA-256 of "HelloRetryRequest". */
const RETRY = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c'

export function readClientHello(body: Uint8Array): ClientHello | undefined {
  const cursor = new Cursor(body)
  cursor.skip(2)
  const random = cursor.take(32)
  const sessionId = cursor.prefixed(1)
  // Cipher suites and compression methods are offers: what counts is the answer.
  cursor.prefixed(2)
  cursor.prefixed(1)
  const extensions = readExtensions(cursor)
  if (cursor.failed) return undefined
  return {
    random: random.slice(),
    sessionId: sessionId.slice(),
    serverName: readServerName(extensions.get(EXTENSION.serverName)),
    protocols: readProtocols(extensions.get(EXTENSION.alpn)),
    earlyData: extensions.has(EXTENSION.earlyData),
  }
}

export function readServerHello(body: Uint8Array): ServerHello | undefined {
  const cursor = new Cursor(body)
  const legacy = cursor.number(2)
  const random = cursor.take(32)
  const sessionId = cursor.prefixed(1)
  const suite = cursor.number(2)
  cursor.skip(1)
  const extensions = readExtensions(cursor)
  if (cursor.failed) return undefined
  const supported = extensions.get(EXTENSION.supportedVersions)
  return {
    random: random.slice(),
    sessionId: sessionId.slice(),
    suite,
    version: supported?.length === 2 ? ((supported[0] as number) << 8) | (supported[1] as number) : legacy,
    preSharedKey: extensions.has(EXTENSION.preSharedKey),
    retry: Buffer.from(random).toString('hex') === RETRY,
  }
}

/** Reads past the end set `failed` and give nothing. */
class Cursor {
  readonly #bytes: Uint8Array
  #at = 0
  failed = false

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  take(count: number): Uint8Array {
    if (count > this.left) {
      this.failed = true
      this.#at = this.#bytes.length
      return new Uint8Array(0)
    }
    this.#at += count
    return this.#bytes.subarray(this.#at - count, this.#at)
  }

  skip(count: number): void {
    this.take(count)
  }

  number(size: number): number {
    return this.take(size).reduce((value, byte) => value * 256 + byte, 0)
  }

  /** A vector with its length, of `size` bytes, in front. */
  prefixed(size: number): Uint8Array {
    return this.take(this.number(size))
  }
}

function readExtensions(cursor: Cursor): Map<number, Uint8Array> {
  const extensions = new Map<number, Uint8Array>()
  if (cursor.left === 0) return extensions
  const list = new Cursor(cursor.prefixed(2))
  while (list.left > 0 && !list.failed) {
    const type = list.number(2)
    extensions.set(type, list.prefixed(2))
  }
  return extensions
}

function readServerName(data: Uint8Array | undefined): string {
  if (data === undefined) return ''
  const list = new Cursor(data)
  list.skip(2)
  const type = list.number(1)
  const name = list.prefixed(2)
  return type === 0 && !list.failed ? Buffer.from(name).toString('latin1') : ''
}

function readProtocols(data: Uint8Array | undefined): string[] {
  if (data === undefined) return []
  const list = new Cursor(new Cursor(data).prefixed(2))
  const names: string[] = []
  while (list.left > 0 && !list.failed) names.push(Buffer.from(list.prefixed(1)).toString('latin1'))
  return names
}
