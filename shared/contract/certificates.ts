/** The part of the contract about the TLS lab. Private keys never cross it: they are handed over as files. */
import * as v from 'valibot'
import { command } from './command.ts'

export type ClientCertificateMode = 'off' | 'optional' | 'required'
export type ServerCertificateFault = 'expired' | 'wrong-name' | 'foreign-authority' | 'self-signed'

export interface CertificateInfo {
  readonly subject: string
  readonly issuer: string
  readonly serial: string
  /** SHA-256 in hexadecimal, upper case, with colons. */
  readonly fingerprint: string
  /** ISO 8601, UTC. */
  readonly notBefore: string
  readonly notAfter: string
  /** DNS names and IP addresses. */
  readonly hosts: readonly string[]
}

export interface DeviceCertificateInfo {
  readonly serial: string
  readonly endpointId: string
  readonly username?: string
  /** ISO 8601, UTC. */
  readonly notAfter: string
  readonly revokedAt?: string
}

export interface CertificatesState {
  readonly authority: CertificateInfo
  /** Path of the authority's PEM file, for `obuspa -t` and `mosquitto_pub --cafile`. */
  readonly authorityFile: string
  readonly server: CertificateInfo
  /** The server certificate is wrong on purpose, in this way. */
  readonly fault?: ServerCertificateFault
  readonly clientCertificates: ClientCertificateMode
  /** Oldest first. */
  readonly devices: readonly DeviceCertificateInfo[]
  /** Where the secrets of TLS connections are written, while that is on. */
  readonly keyLog?: string
}

const serial = v.pipe(v.string(), v.regex(/^[0-9A-Fa-f]{1,64}$/))
const text = (max: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(max))

export const certificateCommands = {
  /** Makes a certificate for a device, with SAN `urn:bbf:usp:id:<endpoint ID>` (R-SEC.0a). */
  'certificates.issue': command<{ readonly serial: string }>()(
    v.strictObject({ endpointId: text(128), username: v.optional(text(1000)) }),
  ),
  'certificates.renew': command<{ readonly serial: string }>()(v.strictObject({ serial })),
  /** From now on no handshake with it succeeds; connections that use it are ended. */
  'certificates.revoke': command<void>()(v.strictObject({ serial })),
  /** Paths for `host.deliver`: certificate and key in one PEM (`obuspa -a`), and the authority (`obuspa -t`). */
  'certificates.bundle': command<{ readonly file: string; readonly authorityFile: string }>()(
    v.strictObject({ serial }),
  ),
  /** Shows a server certificate that is wrong on purpose, or without `fault` the right one. */
  'certificates.fault': command<void>()(
    v.strictObject({
      fault: v.optional(v.picklist(['expired', 'wrong-name', 'foreign-authority', 'self-signed'])),
    }),
  ),
  /**
   * Another lab authority in the place of the one with this fingerprint, and a server certificate of it. Device
   * certificates given out before open nothing any more, and connections that use them are ended; the old files
   * are kept in the folder that is answered. `conflict` when the authority is another one already.
   */
  'certificates.replaceAuthority': command<{ readonly former: string }>()(
    v.strictObject({ fingerprint: v.pipe(v.string(), v.regex(/^[0-9A-F:]{1,200}$/)) }),
  ),
  'certificates.ask': command<void>()(v.strictObject({ mode: v.picklist(['off', 'optional', 'required']) })),
  'certificates.keyLog': command<void>()(v.strictObject({ on: v.boolean() })),
} as const
