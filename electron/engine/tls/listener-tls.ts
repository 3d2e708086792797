/**
 * The TLS side of a listener: raw sockets in, TLS sockets out, and a sentence for each one that fails.
 *
 * The first bytes are read before the handshake and put back, since the TLS library says nothing about what a
 * device offered. Handshakes run on a `tls.Server` that never listens itself: a change of certificates, or of
 * what is asked of devices, is a new server for the next connection, and no connection that stands notices.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { constants, type X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { certificateFacts, type CertificateFacts } from './certificate-facts.ts'
import { readFirstBytes, type ClientHello, type FirstBytes } from './clienthello.ts'
import type { CertificateStanding } from './device-certificate.ts'
import { BENCH_CODES, describeTlsFailure, type SocketFacts, type TlsFailure } from './failure.ts'
import type { KeyLog } from './key-log.ts'
import type { ServerCertificate } from './server-certificate.ts'
import { attempt } from './values.ts'

/** Optional: a device may come without a certificate, but one that it shows must be good. */
export type ClientCertificates = 'off' | 'optional' | 'required'

export interface TlsSettings {
  readonly server: ServerCertificate
  readonly clientCertificates: ClientCertificates
  /** PEM of the authorities whose client certificates are taken. */
  readonly authorities: readonly string[]
  /** What a client certificate of a good chain means; see `DeviceCertificates`. */
  readonly standing: (certificate: X509Certificate) => CertificateStanding
  /** Names taken by ALPN (RFC 7301), `mqtt` or, for WebSocket, `http/1.1`. Clients without ALPN are taken, too. */
  readonly protocols: readonly string[]
  /** Where the secrets of each connection are written while it is on. */
  readonly keyLog?: KeyLog | undefined
}

export interface TlsFacts {
  /** `TLSv1.3` or `TLSv1.2`. */
  readonly version: string
  /** OpenSSL name. */
  readonly cipher: string
  readonly alpn?: string
  readonly hello: ClientHello
  /** What the client certificate means; absent when there is none. */
  readonly client?: CertificateStanding
}

export interface TlsPeer {
  readonly remoteAddress: string
  readonly remotePort: number
}

export interface TlsEvents {
  /** A handshake came through. Whoever takes the socket must read it from now on. */
  secured(socket: TLSSocket, facts: TlsFacts): void
  /** None did, or the device left right behind it. The connection is closed. */
  failed(peer: TlsPeer, failure: TlsFailure, facts: SocketFacts): void
  /** Opened and closed without a byte. */
  probed(peer: TlsPeer): void
}

export interface TlsLimits {
  /** From the connection to the end of the handshake, in milliseconds. */
  readonly handshakeMs: number
  /** Handshakes at the same time; more are turned away. */
  readonly maxHandshakes: number
}

interface Handshake {
  readonly raw: Socket
  readonly peer: TlsPeer
  readonly settings: TlsSettings
  readonly served: CertificateFacts
  first: FirstBytes
  received: number
  /** Set once; what comes later is a consequence. */
  error: { readonly code?: string | undefined; readonly message: string } | undefined
  client: CertificateStanding | undefined
  timer: NodeJS.Timeout | undefined
  done: boolean
}

interface Active {
  readonly settings: TlsSettings
  readonly server: Server
  readonly served: CertificateFacts
}

const plain = (address: string | undefined): string => (address ?? '').replace(/^::ffff:(?=\d+\.)/, '')

export class TlsGate {
  readonly #events: TlsEvents
  readonly #limits: TlsLimits
  readonly #handshakes = new Set<Handshake>()
  /** Which handshake an event of the server is about: the TLS socket alone does not tell, once its peer is gone. */
  readonly #current = new AsyncLocalStorage<Handshake>()
  #active: Active

  /** Throws a BenchFailure `invalid-request` as `change` does. */
  constructor(settings: TlsSettings, limits: TlsLimits, events: TlsEvents) {
    this.#limits = limits
    this.#events = events
    this.#active = this.#activate(settings)
  }

  get settings(): TlsSettings {
    return this.#active.settings
  }

  /** Handshakes under way. */
  get handshakes(): number {
    return this.#handshakes.size
  }

  /**
   * For the next connection; those that stand, and handshakes under way, are not touched. Throws a BenchFailure
   * `invalid-request` when certificate and key cannot be used; then the old ones stay.
   */
  change(settings: Partial<TlsSettings>): void {
    this.#active = this.#activate({ ...this.#active.settings, ...settings })
  }

  /** Takes a connection that a TCP server accepted. */
  take(raw: Socket): void {
    const peer = { remoteAddress: plain(raw.remoteAddress), remotePort: raw.remotePort ?? 0 }
    const handshake: Handshake = {
      raw,
      peer,
      settings: this.#active.settings,
      served: this.#active.served,
      first: { kind: 'partial' },
      received: 0,
      error: undefined,
      client: undefined,
      timer: undefined,
      done: false,
    }
    const { server } = this.#active
    this.#handshakes.add(handshake)
    raw.on('error', (error) => this.#fail(handshake, error))
    raw.once('close', () => this.#closed(handshake))
    if (this.#handshakes.size > this.#limits.maxHandshakes) return this.#refuse(handshake, BENCH_CODES.busy)
    handshake.timer = setTimeout(() => this.#refuse(handshake, BENCH_CODES.timeout), this.#limits.handshakeMs)
    this.#readFirst(handshake, server)
  }

  /** Ends the handshakes under way; nothing is told about them. */
  close(): void {
    for (const handshake of this.#handshakes) {
      this.#settle(handshake)
      handshake.raw.destroy()
    }
  }

  #readFirst(handshake: Handshake, server: Server): void {
    const { raw } = handshake
    const chunks: Buffer[] = []
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk)
      handshake.received += chunk.length
      const bytes = Buffer.concat(chunks)
      handshake.first = readFirstBytes(bytes)
      const { kind } = handshake.first
      if (kind === 'partial') return
      raw.off('data', onData)
      raw.pause()
      if (kind === 'other') return this.#refuse(handshake, BENCH_CODES.notTls)
      if (kind === 'malformed') return this.#refuse(handshake, BENCH_CODES.malformed)
      raw.unshift(bytes)
      this.#current.run(handshake, () => server.emit('connection', raw))
    }
    raw.on('data', onData)
    // A server that keeps its half open would wait for the rest of a ClientHello for ever.
    raw.once('end', () => raw.destroy())
  }

  #activate(settings: TlsSettings): Active {
    const { server: material, clientCertificates, keyLog } = settings
    let server: Server
    try {
      server = createServer({
        cert: material.chain,
        key: material.keyPem,
        ca: [...settings.authorities],
        // USP: TLS 1.2 or later (R-MQTT.48).
        minVersion: 'TLSv1.2',
        maxVersion: 'TLSv1.3',
        ALPNProtocols: [...settings.protocols],
        requestCert: clientCertificates !== 'off',
        // Checked below, where the reason and the certificate are still known.
        rejectUnauthorized: false,
        // Every connection is a whole handshake, so that a revoked certificate cannot live on in a ticket.
        secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
      })
    } catch (error) {
      // The text of the TLS library never goes out: it may be about the key.
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown error'
      throw new BenchFailure(
        'invalid-request',
        'The server certificate and its key cannot be used: make new ones.',
        code,
      )
    }
    server.on('tlsClientError', (error) => {
      const handshake = this.#current.getStore()
      if (handshake) this.#fail(handshake, error)
    })
    server.on('secureConnection', (socket) => {
      const handshake = this.#current.getStore()
      if (handshake && !handshake.done) this.#secured(handshake, socket)
      else socket.destroy()
    })
    if (keyLog) server.on('keylog', (line) => keyLog.add(line))
    return { settings, server, served: certificateFacts(material.certificate) }
  }

  #secured(handshake: Handshake, socket: TLSSocket): void {
    const code = this.#judge(handshake, socket)
    if (code !== undefined) {
      // Without a handler an error of a socket that is being destroyed would end the process.
      socket.on('error', () => undefined)
      this.#fail(handshake, { code, message: code })
      socket.destroy()
      return
    }
    this.#settle(handshake)
    const { first, client } = handshake
    if (first.kind !== 'hello') return
    this.#events.secured(socket, {
      version: socket.getProtocol() ?? '',
      cipher: socket.getCipher().name,
      ...(typeof socket.alpnProtocol === 'string' && { alpn: socket.alpnProtocol }),
      hello: first.hello,
      ...(client && { client }),
    })
    this.#watchSilence(handshake, socket)
  }

  /** Undefined when the device may come in, else why not. */
  #judge(handshake: Handshake, socket: TLSSocket): string | undefined {
    const { clientCertificates, standing } = handshake.settings
    if (clientCertificates === 'off') return undefined
    const certificate = socket.getPeerX509Certificate()
    if (!certificate) return clientCertificates === 'required' ? BENCH_CODES.certificateMissing : undefined
    const client = attempt(() => standing(certificate))
    if (!client) return 'INVALID_PURPOSE'
    handshake.client = client
    // Revocation first: it is the more telling word about a certificate that has also expired.
    if (client.state === 'revoked') return BENCH_CODES.certificateRevoked
    if (!socket.authorized) return String(socket.authorizationError)
    return client.state === 'unlisted' ? BENCH_CODES.certificateUnlisted : undefined
  }

  /** Some clients, Node's among them, look at the name only behind the handshake, and leave without a word. */
  #watchSilence(handshake: Handshake, socket: TLSSocket): void {
    const tell = (error: { readonly code?: string | undefined; readonly message: string }): void => {
      stop()
      const facts = factsOf(handshake)
      const failure = describeTlsFailure(error, facts)
      if (failure) this.#events.failed(handshake.peer, failure, facts)
    }
    const onEnd = (): void => {
      // The bench may have been the one to hang up.
      if (!socket.writableEnded) tell({ code: BENCH_CODES.silent, message: 'silent' })
    }
    const onError = (error: NodeJS.ErrnoException): void =>
      tell(error.code === 'ECONNRESET' ? { code: BENCH_CODES.silent, message: '' } : error)
    const stop = (): void => {
      socket.off('data', stop).off('end', onEnd).off('error', onError).off('close', stop)
    }
    socket.once('data', stop).prependOnceListener('end', onEnd).once('error', onError).once('close', stop)
  }

  #refuse(handshake: Handshake, code: string): void {
    this.#fail(handshake, { code, message: code })
    handshake.raw.destroy()
  }

  #fail(handshake: Handshake, error: NonNullable<Handshake['error']>): void {
    handshake.error ??= error
  }

  #closed(handshake: Handshake): void {
    if (handshake.done) return
    this.#settle(handshake)
    const facts = factsOf(handshake)
    const failure = describeTlsFailure(handshake.error ?? { code: BENCH_CODES.closed, message: '' }, facts)
    if (failure) this.#events.failed(handshake.peer, failure, facts)
    else this.#events.probed(handshake.peer)
  }

  #settle(handshake: Handshake): void {
    clearTimeout(handshake.timer)
    handshake.done = true
    this.#handshakes.delete(handshake)
  }
}

function factsOf({ first, received, raw, client, served, settings }: Handshake): SocketFacts {
  return {
    first,
    received,
    answered: raw.bytesWritten > 0,
    ...(client && { certificate: client.facts }),
    ...(client?.revokedAt !== undefined && { revokedAt: client.revokedAt }),
    served,
    ...(settings.server.fault && { fault: settings.server.fault }),
  }
}
