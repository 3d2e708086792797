/** Device certificates as rows of a table: their state, their order, and which a filter leaves. Pure. */
import type { DeviceCertificateInfo } from '../../../shared/contract/certificates.ts'
import { span } from '../../ui/format.ts'
import type { Tone } from '../../ui/kit.tsx'

export type CertificateState = 'good' | 'soon' | 'expired' | 'revoked'

export const stateWords: Readonly<Record<CertificateState, string>> = {
  good: 'good',
  soon: 'expires soon',
  expired: 'expired',
  revoked: 'revoked',
}
export const stateTones: Readonly<Record<CertificateState, Tone>> = {
  good: 'ok',
  soon: 'warn',
  expired: 'bad',
  revoked: 'bad',
}

export interface CertificateRow extends DeviceCertificateInfo {
  readonly state: CertificateState
  /** The last one made for its endpoint ID: the file of the device holds this one. */
  readonly newest: boolean
}

/** As long before its end the bench renews its own certificate. */
const SOON_MS = 30 * 86_400_000

/** State at a moment, in milliseconds since 1970. */
export function stateAt(notAfter: string, now: number, revokedAt?: string): CertificateState {
  if (revokedAt !== undefined) return 'revoked'
  const left = Date.parse(notAfter) - now
  return left <= 0 ? 'expired' : left < SOON_MS ? 'soon' : 'good'
}

/** `certificates` as told (oldest first), ordered by endpoint ID, and for each the newest first. */
export function certificateRows(
  certificates: readonly DeviceCertificateInfo[],
  now: number,
): readonly CertificateRow[] {
  const newest = new Map(certificates.map(({ endpointId, serial }) => [endpointId, serial]))
  return certificates
    .map((info) => ({
      ...info,
      state: stateAt(info.notAfter, now, info.revokedAt),
      newest: newest.get(info.endpointId) === info.serial,
    }))
    .toReversed()
    .sort((a, b) => (a.endpointId < b.endpointId ? -1 : a.endpointId > b.endpointId ? 1 : 0))
}

/** Rows that have every word of `filter`: in endpoint ID, user, serial number or state, whatever the case. */
export function filterRows(rows: readonly CertificateRow[], filter: string): readonly CertificateRow[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return rows
  return rows.filter(({ endpointId, username = '', serial, state }) => {
    const text = `${endpointId} ${username} ${serial} ${stateWords[state]}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

/** Those that open the bench today: neither ended nor revoked. */
export const goodCertificates = (
  certificates: readonly DeviceCertificateInfo[],
  now: number,
): readonly DeviceCertificateInfo[] =>
  certificates.filter((info) => ['good', 'soon'].includes(stateAt(info.notAfter, now, info.revokedAt)))

/** The certificate with which a device comes in today, if it has one: its newest good one. */
export const usableOf = (
  certificates: readonly DeviceCertificateInfo[],
  endpointId: string,
  now: number,
): DeviceCertificateInfo | undefined =>
  goodCertificates(certificates, now).findLast((info) => info.endpointId === endpointId)

/** `2027-03-01`, UTC. */
export const day = (time: string): string => time.slice(0, 10)

/** The same, and how far it is: `2027-03-01, in 99 d`, `2026-03-01, 3 h ago`. */
export function dayFrom(time: string, now: number): string {
  const seconds = Math.floor((Date.parse(time) - now) / 1000)
  return `${day(time)}, ${seconds < 0 ? `${span(-seconds)} ago` : `in ${span(seconds)}`}`
}

/** What can stand in a certificate: RFC 3986 unescaped, as the bench checks it when it makes one. */
const endpointPattern = /^[A-Za-z0-9._~:%@+=-]{1,128}$/

/** Why no certificate can be made for this endpoint ID, or undefined. */
export function endpointProblem(endpointId: string): string | undefined {
  if (endpointId === '' || endpointPattern.test(endpointId)) return undefined
  if (endpointId.length > 128) return 'An endpoint ID in a certificate has at most 128 characters.'
  return 'In a certificate an endpoint ID has only letters, digits and . _ ~ : % @ + = -'
}
