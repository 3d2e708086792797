/** What to type so that a device or a client reaches this bench over TLS. Pure. */
import type { BenchState, LanAddress, ListenerState } from '../../../shared/contract/model.ts'
import { quote } from '../../../shared/mqtt/shell.ts'
import { isBound, sortedAddresses } from '../bench/addresses.ts'

export interface TlsTarget {
  readonly address: string
  readonly port: number
  /** Absent on a bench that has none. */
  readonly listener: ListenerState | undefined
}

/** Port of MQTT over TLS as registered with IANA (`secure-mqtt`). */
const DEFAULT_PORT = 8883
/** Stands where this machine has no network address. */
export const MISSING_ADDRESS = '<address of the bench>'

/** Where a device reaches the TLS listener: best an address that the server certificate names. */
export function tlsTarget(bench: BenchState | undefined, hosts: readonly string[]): TlsTarget {
  const listener = bench?.listeners.find(({ transport }) => transport === 'tls')
  const reached = sortedAddresses(bench?.addresses ?? []).filter(
    (address: LanAddress) => !listener || isBound(listener.host, address),
  )
  const best = reached.find(({ address }) => hosts.includes(address)) ?? reached[0]
  return { address: best?.address ?? MISSING_ADDRESS, port: listener?.port ?? DEFAULT_PORT, listener }
}

/** The last part of a path of this machine or another. */
export const fileName = (path: string): string => path.split(/[/\\]/).at(-1) ?? path

const command = (...words: readonly string[]): string => words.map(quote).join(' ')

/** For a device or client that checks the bench and logs in by user and password. `authority`: its file name. */
export const trustLines = ({ address, port }: TlsTarget, authority: string): string =>
  [
    command('obuspa', '-f', 'usp.db', '-t', authority),
    `${command('mosquitto_pub', '--cafile', authority)} \\`,
    `  ${command('-h', address, '-p', String(port))} -u USER -P PASSWORD \\`,
    '  -t TOPIC -m hello',
  ].join('\n')

/** OBUSPA takes certificate and key in one file. */
export const agentLine = (bundle: string, authority: string): string =>
  command('obuspa', '-f', 'usp.db', '-a', bundle, '-t', authority)

/** Parameters that make an OBUSPA use TLS, as its factory-reset file has them. */
export const agentParameters = ({ address, port }: TlsTarget): string =>
  (
    [
      ['BrokerAddress', address],
      ['BrokerPort', String(port)],
      ['TransportProtocol', 'TLS'],
    ] as const
  )
    .map(([name, value]) => `Device.MQTT.Client.1.${name} "${value}"`)
    .join('\n')

/**
 * A client that comes in with the certificate alone, states its endpoint ID as the certificate has it, and publishes
 * where the access rules of the Oktopus flow let it. mosquitto_pub reads the key out of the same file.
 */
export const clientLine = (
  { address, port }: TlsTarget,
  { bundle, authority, endpointId }: { bundle: string; authority: string; endpointId: string },
): string =>
  [
    command('mosquitto_pub', '-V', '5', '-h', address, '-p', String(port), '--cafile', authority),
    command('--cert', bundle, '--key', bundle),
    command('-i', endpointId),
    command('-D', 'connect', 'user-property', 'usp-endpoint-id', endpointId),
    command('-t', `oktopus/usp/v1/controller/${endpointId}`, '-q', '1', '-m', 'hello'),
  ].join(' \\\n  ')
