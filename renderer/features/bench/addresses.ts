/** Addresses a device can be given, best first. Pure. */
import type { LanAddress } from '../../../shared/contract/model.ts'

const rank = ({ loopback, family, address }: LanAddress): number =>
  (loopback ? 4 : 0) + (family === 'IPv6' ? 1 : 0) + (isLinkLocal(address) ? 2 : 0)

/** Only reachable on the same link, and in IPv6 only together with a zone. */
export const isLinkLocal = (address: string): boolean => /^(fe80:|169\.254\.)/i.test(address)

/** Whether a listener bound to `host` is reached at this address. */
export function isBound(host: string, { address, family }: LanAddress): boolean {
  if (host === '*' || host === '::') return true
  return host === '0.0.0.0' ? family === 'IPv4' : host === address
}

/** Those of the LAN before loopback, IPv4 before IPv6, link-local behind routable. */
export const sortedAddresses = (addresses: readonly LanAddress[]): LanAddress[] =>
  [...addresses].sort((a, b) => rank(a) - rank(b))
