/** Records, one by one. */
import { firstWildcard } from '../../mqtt/topics.ts'
import { controllerUser } from '../../usp/oktopus.ts'
import { endpointIdFault, schemeOf, usesForumNumber } from '../endpoint-id.ts'
import { shortName } from '../message.ts'
import type { FaultKind } from '../message.ts'
import type { RecordSeen } from '../moments.ts'
import { rulesOn } from '../rule.ts'
import { list, show } from '../show.ts'

/** Faults of a kind in a Record, as phrases. */
const faultsOf = ({ faults }: RecordSeen, ...kinds: readonly FaultKind[]): string[] =>
  faults.filter(({ kind }) => kinds.includes(kind)).map(({ text }) => text)

/** Required fields whose default has no meaning; the others may be left out by proto3 (R-MTP.4b). */
const required: Readonly<Record<string, readonly string[]>> = {
  Record: ['version', 'to_id', 'from_id'],
  SessionContextRecord: ['session_id', 'sequence_id', 'expected_id'],
  MQTTConnectRecord: ['subscribed_topic'],
}

function missing({ record, kind }: RecordSeen): string[] {
  const inner = kind && record.message(kind)
  return [record, ...(inner ? [inner] : [])].flatMap((message) => {
    const name = shortName(message.type)
    return (required[name] ?? []).filter(
      (field) => !message.has(field) || isDefault(message.text(field), message.big(field)),
    )
  })
}
const isDefault = (text: string, number: bigint): boolean => text === '' && number === 0n

const OTHER_CONNECTS = ['websocket_connect', 'stomp_connect', 'uds_connect'] as const

export const recordRules = rulesOn('record', 1, [
  {
    id: 'record-required',
    title: 'A required field of the Record is missing',
    requirements: ['R-MTP.4b'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'Fields marked as required are sent: version, to_id and from_id in every Record.',
    check: (seen) => {
      const fields = missing(seen)
      return fields.length > 0 ? `missing or empty: ${fields.join(', ')}` : undefined
    },
  },
  {
    id: 'record-version',
    title: 'Record version is none',
    requirements: ['R-MTP.4b'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'version is “major.minor”, for example 1.4.',
    check: ({ version }) =>
      version === '' || /^\d{1,3}\.\d{1,3}$/.test(version) ? undefined : `version is ${show(version)}`,
  },
  {
    id: 'endpoint-id',
    title: 'Not an Endpoint ID',
    requirements: ['R-ARC.5', 'R-ARC.6'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'from_id has the syntax of an Endpoint ID: scheme:[authority-id]:instance-id.',
    remedy: {
      text: 'Stop the agent and set it',
      command: 'obuspa -f usp.db -c dbset Device.LocalAgent.EndpointID "os::<OUI>-<SerialNumber>"',
    },
    check: ({ first, fromId, connection }) => {
      // Once a peer: every Record would say the same. The name of the other side is the other side's affair.
      if ((!first && connection !== undefined) || fromId === '' || fromId === controllerUser) return undefined
      const fault = endpointIdFault(fromId)
      return fault === undefined ? undefined : `from_id ${show(fromId)} ${fault}`
    },
  },
  {
    id: 'same-endpoint',
    title: 'An endpoint talks to itself',
    requirements: ['R-ARC.2'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'Agent and controller that talk to each other have different Endpoint IDs.',
    check: ({ fromId, toId }) =>
      fromId !== '' && fromId === toId ? `from_id and to_id are both ${show(fromId)}` : undefined,
  },
  {
    id: 'record-oneof',
    title: 'Not exactly one record type',
    requirements: ['R-ENC.3'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'record_type holds exactly one member.',
    check: (seen) => (seen.kind === undefined ? 'the Record has no record type' : faultsOf(seen, 'oneof')),
  },
  {
    id: 'record-schema',
    title: 'The Record does not follow the schema',
    requirements: ['R-ENC.1', 'R-MSG.5'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'Records follow usp-record.proto.',
    check: (seen) => faultsOf(seen, 'wire'),
  },
  {
    id: 'record-enum',
    title: 'Unknown enum value in the Record',
    requirements: ['R-ENC.2'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'Enums hold values that the schema has.',
    check: (seen) => faultsOf(seen, 'enum'),
  },
  {
    id: 'payload-security',
    title: 'TLS12 without session context',
    requirements: ['R-E2E.41'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'payload_security TLS12 stands only in Records with a session context.',
    check: ({ record, kind }) =>
      record.number('payload_security') === 1 && kind !== undefined && kind !== 'session_context'
        ? `payload_security is TLS12 in a ${kind} Record`
        : undefined,
  },
  {
    id: 'record-payload',
    title: 'The Record has no payload',
    requirements: ['R-E2E.26'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'A Record without session context holds a payload.',
    check: ({ record, kind }) => {
      if (kind !== 'no_session_context') return undefined
      const payload = record.message(kind)?.bytes('payload').at(-1)
      return payload === undefined || payload.length === 0 ? 'the payload is empty' : undefined
    },
  },
  {
    id: 'session-id',
    title: 'session_id is not above 1',
    requirements: ['R-E2E.3'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'The session_id of a session context is greater than 1.',
    check: ({ record }) => {
      const context = record.message('session_context')
      return context && context.big('session_id') === 1n ? 'session_id is 1' : undefined
    },
  },
  {
    id: 'segment-state',
    title: 'Segment states disagree',
    requirements: [],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected:
      'payloadrec_sar_state is NONE where payload_sar_state is; for PLAINTEXT both are equal and there is one payload.',
    check: ({ record }) => {
      const context = record.message('session_context')
      if (context === undefined) return undefined
      const payload = context.number('payload_sar_state')
      const rec = context.number('payloadrec_sar_state')
      const plain = record.number('payload_security') === 0
      if (payload === 0 && rec !== 0) return `payload_sar_state is NONE and payloadrec_sar_state is ${rec}`
      if (plain && payload !== rec)
        return `payload_sar_state is ${payload} and payloadrec_sar_state is ${rec}`
      const count = context.bytes('payload').length
      return plain && count > 1 ? `a PLAINTEXT Record has ${count} payloads` : undefined
    },
  },
  {
    id: 'connect-record-kind',
    title: 'Connect Record of another MTP',
    requirements: ['R-MTP.6'],
    level: 'must',
    severity: 'error',
    side: 'agent',
    expected: 'The Connect Record over MQTT is mqtt_connect.',
    check: ({ kind }) =>
      OTHER_CONNECTS.some((other) => other === kind)
        ? `the Record is ${kind}, but came over MQTT`
        : undefined,
  },
  {
    id: 'connect-record-wildcard',
    title: 'subscribed_topic has a wildcard',
    requirements: ['R-MTP.6'],
    level: 'must',
    severity: 'error',
    side: 'agent',
    expected: 'subscribed_topic is a topic without wildcards to which others can publish.',
    check: ({ record }) => {
      const topic = record.message('mqtt_connect')?.text('subscribed_topic') ?? ''
      return firstWildcard(topic) === undefined ? undefined : `subscribed_topic is ${show(topic)}`
    },
  },
])

export const recordHints = rulesOn('record', 4, [
  {
    id: 'disconnect-reason',
    title: 'Disconnect Record without reason',
    requirements: ['R-MTP.9'],
    level: 'should',
    severity: 'warning',
    side: 'endpoint',
    since: '1.2',
    expected: 'A disconnect Record has a reason and a reason_code of 7100 to 7199.',
    check: ({ record }) => {
      const disconnect = record.message('disconnect')
      if (disconnect === undefined) return undefined
      const code = disconnect.number('reason_code')
      const faults = [
        ...(code === 0 ? ['reason_code is missing'] : []),
        ...(code !== 0 && (code < 7100 || code > 7199) ? [`reason_code is ${code}`] : []),
        ...(disconnect.text('reason') === '' ? ['reason is empty'] : []),
      ]
      return faults.length > 0 ? faults.join(', ') : undefined
    },
  },
  {
    id: 'endpoint-id-scheme',
    title: 'Scheme for trials only',
    requirements: ['R-ARC.4'],
    level: 'must',
    severity: 'warning',
    side: 'endpoint',
    expected: 'The schemes proto and doc are not used in products.',
    remedy: {
      text: 'Stop the agent and set it',
      command: 'obuspa -f usp.db -c dbset Device.LocalAgent.EndpointID "os::<OUI>-<SerialNumber>"',
    },
    check: ({ first, fromId }) =>
      first && /^(proto|doc)$/.test(schemeOf(fromId)) ? `the Endpoint ID is ${show(fromId)}` : undefined,
  },
  {
    id: 'endpoint-id-oktopus',
    title: 'The name of the controller of Oktopus',
    requirements: ['R-ARC.5'],
    level: 'must',
    severity: 'note',
    side: 'controller',
    expected:
      'from_id has the syntax of an Endpoint ID. Oktopus gives its controller this fixed name, and so must this bench.',
    check: ({ first, fromId }) =>
      first && fromId === controllerUser
        ? `from_id ${show(fromId)} ${endpointIdFault(fromId) ?? ''}`
        : undefined,
  },
  {
    id: 'endpoint-id-forum',
    title: 'Endpoint ID has a number of the Broadband Forum',
    requirements: ['R-ARC.3'],
    level: 'must',
    severity: 'warning',
    side: 'endpoint',
    expected: 'OUI 00256D and PEN 3561 belong to the Broadband Forum; a product has its own.',
    remedy: {
      text: 'Stop the agent and set one with the OUI of the vendor',
      command: 'obuspa -f usp.db -c dbset Device.LocalAgent.EndpointID "os::<OUI>-<SerialNumber>"',
    },
    check: ({ first, fromId }) =>
      first && usesForumNumber(fromId) ? `the Endpoint ID is ${show(fromId)}` : undefined,
  },
  {
    id: 'record-newer-fields',
    title: 'Fields of a later version',
    requirements: ['R-MTP.4c'],
    level: 'none',
    severity: 'note',
    side: 'endpoint',
    until: '1.4',
    expected: 'originator_id and destination_id came with version 1.5.',
    check: ({ record, version }) => {
      const fields = ['originator_id', 'destination_id'].filter((name) => record.has(name))
      return fields.length > 0 && version !== ''
        ? `${fields.join(' and ')} in a Record of version ${version}`
        : undefined
    },
  },
  {
    id: 'record-unknown-fields',
    title: 'Unknown fields in the Record',
    requirements: [],
    level: 'none',
    severity: 'note',
    side: 'endpoint',
    expected: 'Every field is one of USP 1.0 to 1.5; receivers pass over others.',
    check: (seen) => {
      const unknown = faultsOf(seen, 'unknown', 'limit')
      return unknown.length > 0 ? list(unknown) : undefined
    },
  },
])
