/** Requirements of groups 1 to 4 that the linter does not check, and why: what is not seen is not guessed. */

export type Reason = 'active' | 'invisible' | 'configuration' | 'bench'

/** How a reason reads. */
export const reasons: Readonly<Record<Reason, string>> = {
  active: 'needs a test that provokes it',
  invisible: 'cannot be seen at the broker',
  configuration: 'needs the configuration of the device',
  bench: 'is a duty of the broker, which the bench itself fulfils',
}

export interface NotChecked {
  readonly requirements: readonly string[]
  readonly reason: Reason
  readonly why: string
}

const row = (requirements: string, reason: Reason, why: string): NotChecked => ({
  requirements: requirements.split(' '),
  reason,
  why,
})

export const notChecked: readonly NotChecked[] = [
  row('R-MQTT.3', 'active', 'That a client can use plain TCP is proved only by its doing so.'),
  row('R-MQTT.4 R-MQTT.5', 'active', 'Profiles are read by GetSupportedDM and compared.'),
  row(
    'R-MQTT.6',
    'bench',
    'The broker ends a connection that does not begin with CONNECT; that is at its row.',
  ),
  row('R-MQTT.20', 'active', 'QoS 0 and 1 both work only if both are tried.'),
  row('R-MQTT.26a', 'active', 'The answer to a wrong version is provoked by a forged Connect Record.'),
  row('R-MQTT.27a', 'active', 'Both Content Types are taken only if both are sent.'),
  row('R-MQTT.30 R-MQTT.31a', 'invisible', 'Dropping without an answer leaves no trace.'),
  row('R-MQTT.36 R-MQTT.37 R-MQTT.38', 'invisible', 'DNS-SD does not pass the broker.'),
  row(
    'R-MQTT.39 R-MQTT.40 R-MQTT.41 R-MQTT.42 R-MQTT.43 R-MQTT.44 R-MQTT.45 R-MQTT.47',
    'bench',
    'Versions, transports, authentication, subscribe-topic and wildcards that a broker offers.',
  ),
  row(
    'R-MQTT.48 R-MQTT.48a',
    'bench',
    'TLS version and ALPN are settled before the first packet; listeners refuse what is older than TLS 1.2.',
  ),
  row(
    'R-MQTT.49',
    'invisible',
    'Domain names in the certificate of the broker are the matter of the TLS lab.',
  ),
  row(
    'R-MTP.0 R-SEC.0 R-SEC.0a',
    'configuration',
    'Whether a network border is crossed, and which certificates are trusted.',
  ),
  row('R-MTP.1 R-MTP.2 R-MTP.3', 'active', 'What the device makes of a certificate.'),
  row(
    'R-MTP.4c R-MTP.4d R-MTP.4e',
    'invisible',
    'Which Msgs were forwarded; the text of version 1.5 was not at hand.',
  ),
  row('R-MTP.5 R-ENC.4 R-ENC.5', 'active', 'Answers to broken Records are provoked.'),
  row('R-ENC.6', 'configuration', 'The type of each value; it is read by GetSupportedDM.'),
  row(
    'R-E2E.1 R-E2E.6a R-E2E.6b R-E2E.16 R-E2E.19 R-E2E.20 R-E2E.25',
    'active',
    'How a receiver treats Records that are foreign, forbidden, late or repeated.',
  ),
  row(
    'R-E2E.28 R-E2E.31 R-E2E.32 R-E2E.33 R-E2E.40',
    'invisible',
    'Signatures and TLS inside Records need their keys. Msgs in TLS are not judged.',
  ),
  row('R-MSG.1', 'active', 'A Msg that is not understood has to be sent first.'),
  row(
    'R-GET.0 R-GET.1 R-GET.1a R-GET.1b R-GET.4 R-GIN.1 R-GSP.0',
    'configuration',
    'Which objects exist and which the role may read.',
  ),
  row(
    'R-ADD.0 R-ADD.2a R-ADD.3 R-ADD.4 R-ADD.5 R-ADD.6 R-SET.0 R-SET.2 R-SET.2a R-SET.2b R-SET.3 R-KEY.1',
    'active',
    'Whether the model changed as told is read back by a test.',
  ),
  row(
    'R-DEL.0 R-DEL.2 R-DEL.2a R-DEL.3 R-DEL.4',
    'active',
    'For an instance that does not exist the texts contradict each other: both answers are taken.',
  ),
  row(
    'R-OPR.1 R-OPR.3 R-OPR.5 R-OPR.6 R-OPR.7',
    'active',
    'How commands fail, run side by side, and take their arguments; the texts of 1.3 and 1.4 differ.',
  ),
  row(
    'R-NOT.4 R-NOT.5 R-NOT.6a R-NOT.9',
    'active',
    'What survives a reboot, when on-boarding is owed, and what a receiver ignores.',
  ),
  row('R-REG.0 R-REG.1 R-DEREG.1 R-DEREG.2', 'active', 'Who registered which paths.'),
  row(
    'R-ARC.4a R-ARC.8 R-ARC.9a R-ARC.12 R-SEC.1 R-SEC.12',
    'active',
    'Instance numbers over reboots, references, and permissions.',
  ),
  row(
    'R-DIS.1 R-DIS.2a R-DIS.3 R-DIS.7 R-DIS.8 R-DIS.9 R-DIS.10 R-DIS.11 R-DIS.11a',
    'invisible',
    'DHCP and mDNS do not pass the broker.',
  ),
  row(
    'R-BULK.8a R-BULK.9 R-BULK.10 R-BULK.10a R-BULK.11',
    'configuration',
    'Which profile a report belongs to.',
  ),
]
