/** What a client publishes, as the command line of mosquitto_pub. Pure. */
import { connectOf } from '../../../shared/client/connect.ts'
import type { ClientProfile, KeptProfile } from '../../../shared/contract/mqtt-client.ts'
import {
  clientCommand,
  commandText,
  withoutAlias,
  type CommandTls,
} from '../../../shared/mqtt/client-command.ts'
import type { PublishPacket } from '../../../shared/mqtt/packets.ts'

/** Where a client leads to. */
export interface Where {
  readonly host: string
  readonly port: number
}

/**
 * Remarks as comments above the command; passwords are variables in it. `topic`: what a Topic Alias stands for.
 */
export function publishLine(
  packet: Omit<PublishPacket, 'type' | 'dup' | 'packetId'>,
  profile: KeptProfile,
  where: Where,
  topic = packet.topic,
): string {
  const { transport } = profile.target
  const tls = transport === 'tls' || transport === 'wss' ? tlsOf(profile) : undefined
  const secrets = profile.username === '' ? {} : { password: 'known' }
  const whole = withoutAlias({ type: 'PUBLISH', dup: false, ...packet }, topic)
  const connect = connectOf({ ...profile, will: undefined }, secrets, () => 'id')
  const { command, notes } = clientCommand(whole, { ...where, connect, ...(tls && { tls: tls.files }) })
  const remarks = [
    ...notes,
    ...(transport === 'ws' || transport === 'wss'
      ? ['mosquitto_pub speaks no WebSocket: give it the TCP or TLS port of the broker after -p.']
      : []),
    ...(tls?.remarks ?? []),
  ]
  return commandText({ command, notes: remarks })
}

/** Names of files where the profile has none. */
function tlsOf({ tls }: ClientProfile): { readonly files: CommandTls; readonly remarks: readonly string[] } {
  const { authority, certificate, verify } = tls
  const caFile = {
    system: '/etc/ssl/certs/ca-certificates.crt',
    lab: 'lab-ca.pem',
    pem: 'authority.pem',
    file: authority.kind === 'file' ? authority.path : '',
  }[authority.kind]
  const own =
    certificate.kind === 'none'
      ? {}
      : certificate.kind === 'file'
        ? { certFile: certificate.certificate, keyFile: certificate.key || certificate.certificate }
        : { certFile: 'client.pem', keyFile: 'client.pem' }
  const remarks = [
    authority.kind === 'lab' && 'lab-ca.pem stands below certificates/ of the workspace.',
    authority.kind === 'pem' && 'Put the authority of the connection into authority.pem.',
    (certificate.kind === 'lab' || certificate.kind === 'pem') &&
      'Put certificate and key of the connection into client.pem.',
    !verify && 'This connection does not check the certificate of the broker: add --insecure.',
  ]
  return { files: { caFile, ...own }, remarks: remarks.filter((remark) => remark !== false) }
}
