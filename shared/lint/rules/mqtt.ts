/** The MQTT binding, seen at single packets (R-MQTT). */
import { getProperty, userProperties } from '../../mqtt/properties.ts'
import { firstWildcard } from '../../mqtt/topics.ts'
import { hexByte } from '../../mqtt/reason-codes.ts'
import { controllerUser, endpointIdProperty } from '../../usp/oktopus.ts'
import { endpointIdFault } from '../endpoint-id.ts'
import { rulesOn } from '../rule.ts'
import { show } from '../show.ts'

const OLD_CONTENT_TYPES = new Set(['application/vnd.bbf.usp.msg', 'application/vnd.usp.msg'])

/** What a payload that is no Record looks like. */
function describePayload(payload: Uint8Array): string {
  if (payload.length === 0) return 'the payload is empty'
  const head = String.fromCharCode(...payload.subarray(0, 24))
  if (/^\s*[{[]/.test(head)) return 'the payload looks like JSON'
  if (/^\s*</.test(head)) return 'the payload looks like XML'
  if (/^[A-Za-z0-9+/=\s]+$/.test(head) && payload.length > 8) return 'the payload is text, perhaps base64'
  return `the payload of ${payload.length} bytes cannot be read as a Record`
}

export const malformedRules = rulesOn('malformed', 1, [
  {
    id: 'mqtt-malformed',
    title: 'Malformed MQTT packet',
    requirements: [],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'Every packet follows the MQTT standard of its version.',
    check: ({ fault, statement, inbound }) =>
      `${fault}${statement === undefined ? '' : ` [${statement}]`}${inbound ? '' : '; sent by the broker'}`,
  },
])

export const connectRules = rulesOn('connect', 1, [
  {
    id: 'usp-endpoint-id-syntax',
    title: 'usp-endpoint-id is no Endpoint ID',
    requirements: ['R-MQTT.13', 'R-ARC.5'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'The user property usp-endpoint-id of the CONNECT holds an Endpoint ID.',
    remedy: {
      text: 'Stop the agent and set it',
      command: 'obuspa -f usp.db -c dbset Device.LocalAgent.EndpointID "os::<OUI>-<SerialNumber>"',
    },
    check: ({ packet }) => {
      const stated = userProperties(packet.properties).filter(([name]) => name === endpointIdProperty)
      return stated.flatMap(([, value]) => {
        // The name that Oktopus gives its controller is told once it speaks, as a note.
        const fault = value === controllerUser ? undefined : endpointIdFault(value)
        return fault === undefined ? [] : [`${show(value)} ${fault}`]
      })
    },
  },
  {
    id: 'usp-endpoint-id-twice',
    title: 'usp-endpoint-id stands more than once',
    requirements: ['R-MQTT.13'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'The CONNECT states one Endpoint ID.',
    check: ({ packet }) => {
      const stated = userProperties(packet.properties).filter(([name]) => name === endpointIdProperty)
      const different = new Set(stated.map(([, value]) => value))
      return different.size > 1 ? `it states ${[...different].map(show).join(' and ')}` : undefined
    },
  },
])

export const introducedRules = rulesOn('introduced', 1, [
  {
    id: 'mqtt-version',
    title: 'MQTT 3.1 is outside the binding',
    requirements: ['R-MQTT.1', 'R-MQTT.2'],
    level: 'must',
    severity: 'warning',
    side: 'endpoint',
    expected: 'USP runs over MQTT 5.0, or 3.1.1 beside it.',
    remedy: { command: 'obuspa -c set Device.MQTT.Client.1.ProtocolVersion "5.0"' },
    check: ({ connection }) => (connection.level === 3 ? 'the CONNECT is of MQTT 3.1 (MQIsdp)' : undefined),
  },
  {
    id: 'usp-endpoint-id',
    title: 'CONNECT without usp-endpoint-id',
    requirements: ['R-MQTT.13'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'The CONNECT of MQTT 5.0 has the user property usp-endpoint-id, with the Endpoint ID.',
    check: ({ connection, connect, fromId }) => {
      if (connection.level < 5) return undefined
      const properties = userProperties(connect.packet.properties)
      if (properties.some(([name]) => name === endpointIdProperty)) return undefined
      const alike = properties.find(([name]) => /usp.?endpoint.?id/i.test(name))
      const hint = alike ? `; the property ${show(alike[0])} is another name` : ''
      return `${show(fromId)} sent a Record on a connection whose CONNECT has no usp-endpoint-id${hint}`
    },
  },
])

export const publishRules = rulesOn('publish', 1, [
  {
    id: 'payload-encoding',
    title: 'The payload is no Record',
    requirements: ['R-MQTT.18', 'R-MQTT.19', 'R-ENC.0'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'The payload of the PUBLISH is a USP Record in protobuf binary encoding.',
    check: ({ isRecord, packet, contentType }) =>
      isRecord || contentType?.endsWith('usp.error') ? undefined : describePayload(packet.payload),
  },
  {
    id: 'response-topic',
    title: 'PUBLISH without Response Topic',
    requirements: ['R-MQTT.22', 'R-MQTT.23'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'Every PUBLISH with a Record names its reply topic in the property Response Topic.',
    remedy: {
      text: 'Name its topic, or let the broker send Response Information',
      command: 'obuspa -c set Device.LocalAgent.MTP.1.MQTT.ResponseTopicConfigured "<agent topic>"',
    },
    check: ({ connection, isRecord, replyTo }) =>
      connection.level === 5 && isRecord && replyTo === undefined ? 'there is no Response Topic' : undefined,
  },
  {
    id: 'reply-to',
    title: 'Topic without a sound /reply-to=',
    requirements: ['R-MQTT.22', 'R-MQTT.24'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'On MQTT 3.1.1 the topic ends in /reply-to= and the reply topic, each / of it written %2F.',
    remedy: {
      command: 'obuspa -c set Device.LocalAgent.MTP.1.MQTT.ResponseTopicConfigured "<agent topic>"',
    },
    check: ({ connection, isRecord, topic, replyTo }) => {
      if (connection.level === 5 || !isRecord) return undefined
      if (replyTo === undefined) return `the topic ${show(topic)} has no /reply-to=`
      const raw = topic.slice(topic.lastIndexOf('/reply-to=') + '/reply-to='.length)
      if (raw === '') return `nothing follows /reply-to= in ${show(topic)}`
      if (raw.includes('/')) return `${show(raw)} has a / that is not written %2F`
      if (firstWildcard(raw) !== undefined) return `${show(raw)} has a wildcard`
      return undefined
    },
  },
  {
    id: 'content-type',
    title: 'Content Type is not usp.msg',
    requirements: ['R-MQTT.27'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'The Content Type of a PUBLISH with a Record is usp.msg.',
    check: ({ connection, isRecord, contentType }) => {
      if (connection.level < 5 || !isRecord || contentType === 'usp.msg') return undefined
      if (contentType === undefined) return 'there is no Content Type'
      return OLD_CONTENT_TYPES.has(contentType) ? undefined : `the Content Type is ${show(contentType)}`
    },
  },
])

export const connackRules = rulesOn('connack', 1, [
  {
    id: 'broker-maximum-qos',
    title: 'The broker allows only QoS 0',
    requirements: ['R-MQTT.46'],
    level: 'must',
    severity: 'error',
    side: 'broker',
    expected: 'The broker supports at least QoS 1.',
    check: ({ packet }) =>
      getProperty(packet.properties, 'maximumQos') === 0 ? 'the CONNACK says Maximum QoS 0' : undefined,
  },
])

/** Warnings and leftovers. */
export const mqttHints = [
  ...rulesOn('introduced', 4, [
    {
      id: 'mqtt-5',
      title: 'Only MQTT 3.1.1 is used',
      requirements: ['R-MQTT.1'],
      level: 'must',
      severity: 'note',
      side: 'endpoint',
      expected: 'MQTT 5.0 is implemented; 3.1.1 alone is not enough. One connection is no proof.',
      remedy: { command: 'obuspa -c set Device.MQTT.Client.1.ProtocolVersion "5.0"' },
      check: ({ connection }) => (connection.level === 4 ? 'the CONNECT is of MQTT 3.1.1' : undefined),
    },
    {
      id: 'request-response-information',
      title: 'Response Information is not asked for',
      requirements: ['R-MQTT.12'],
      level: 'must',
      severity: 'warning',
      side: 'endpoint',
      expected: 'The CONNECT has Request Response Information = 1.',
      remedy: { command: 'obuspa -c set Device.MQTT.Client.1.RequestResponseInfo true' },
      check: ({ connection, connect }) => {
        if (connection.level < 5) return undefined
        const asked = getProperty(connect.packet.properties, 'requestResponseInformation')
        if (asked === 1) return undefined
        return asked === 0 ? 'Request Response Information is 0' : 'there is no Request Response Information'
      },
    },
    {
      id: 'client-id-empty',
      title: 'Empty client ID on MQTT 3.1.1',
      requirements: ['R-MQTT.8'],
      level: 'should',
      severity: 'warning',
      side: 'endpoint',
      expected: 'Without a configured client ID an MQTT 3.1.1 client uses its Endpoint ID.',
      check: ({ connection, connect }) =>
        connection.level < 5 && connect.packet.clientId === '' ? 'the client ID is empty' : undefined,
    },
    {
      id: 'client-id-endpoint',
      title: 'Client ID differs from the Endpoint ID',
      requirements: ['R-MQTT.8'],
      level: 'should',
      severity: 'note',
      side: 'endpoint',
      expected: 'Unless another one is configured, the client ID of MQTT 3.1.1 is the Endpoint ID.',
      check: ({ connection, connect, fromId }) => {
        const { clientId } = connect.packet
        if (connection.level === 5 || clientId === '' || clientId === fromId) return undefined
        return `the client ID is ${show(clientId)}, the Endpoint ID ${show(fromId)}`
      },
    },
  ]),
  ...rulesOn('publish', 4, [
    {
      id: 'content-type-old',
      title: 'Outdated Content Type',
      requirements: ['R-MQTT.27'],
      level: 'must',
      severity: 'warning',
      side: 'endpoint',
      expected: 'The Content Type is usp.msg, since version 1.1.2 of 2020.',
      check: ({ isRecord, contentType }) =>
        isRecord && contentType !== undefined && OLD_CONTENT_TYPES.has(contentType)
          ? `the Content Type is ${show(contentType)}`
          : undefined,
    },
    {
      id: 'usp-error-type',
      title: 'Outdated Content Type usp.error',
      requirements: ['R-MQTT.28', 'R-MQTT.31', 'R-MTP.5'],
      level: 'must',
      severity: 'warning',
      side: 'endpoint',
      expected: 'Since version 1.2 an error is a Record with an Error Msg; usp.error is no more.',
      check: ({ contentType }) =>
        contentType?.endsWith('usp.error') ? `the Content Type is ${show(contentType)}` : undefined,
    },
    {
      id: 'usp-err-id',
      title: 'Outdated user property usp-err-id',
      requirements: ['R-MQTT.29'],
      level: 'none',
      severity: 'note',
      side: 'endpoint',
      expected: 'The user property usp-err-id went with version 1.2. It does no harm.',
      check: ({ packet, isRecord }) =>
        isRecord && userProperties(packet.properties).some(([name]) => name === 'usp-err-id')
          ? 'the PUBLISH has a user property usp-err-id'
          : undefined,
    },
    {
      id: 'retained-request',
      title: 'Retained request',
      requirements: [],
      level: 'none',
      severity: 'warning',
      side: 'controller',
      expected: 'A request is not retained: every agent that subscribes later would carry it out again.',
      check: ({ packet, request }) => (request && packet.retain ? 'RETAIN is set on a request' : undefined),
    },
  ]),
  ...rulesOn('ack', 4, [
    {
      id: 'payload-format-invalid',
      title: 'Outdated reason code 0x99',
      requirements: ['R-MQTT.32'],
      level: 'none',
      severity: 'note',
      side: 'endpoint',
      expected:
        'Since version 1.2 an unreadable Record is not told of by reason code 0x99; it never reached the sender.',
      check: ({ packet }) =>
        packet.reasonCode === 0x99 ? `${packet.type} with ${hexByte(packet.reasonCode)}` : undefined,
    },
  ]),
]
