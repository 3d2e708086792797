/** The addresses of this machine that a device can be given. */
import { networkInterfaces } from 'node:os'
import type { LanAddress } from '../../shared/contract/model.ts'

/** LAN addresses first, IPv4 before IPv6; link-local IPv6 is left out, since it needs a zone in the device. */
export function lanAddresses(): LanAddress[] {
  const found: LanAddress[] = []
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    for (const { address, family, internal } of addresses ?? []) {
      if (/^fe[89ab]/i.test(address)) continue
      found.push({ address, family, interface: name, loopback: internal })
    }
  }
  const rank = (a: LanAddress): number => Number(a.loopback) * 2 + Number(a.family === 'IPv6')
  return found.sort((a, b) => rank(a) - rank(b))
}
