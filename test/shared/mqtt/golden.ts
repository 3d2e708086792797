/** Packets as bytes and as values: used to parse, to generate and to dissect. */
import type { Packet, ProtocolLevel } from '../../../shared/mqtt/packets.ts'
import { bytes } from './bytes.ts'

export interface Golden {
  readonly name: string
  readonly level: ProtocolLevel
  readonly bytes: Uint8Array
  readonly packet: Packet
  /** The bytes are not the shortest form, so that the encoder answers others. */
  readonly loose?: true
}

const raw = (text: string): Uint8Array => new TextEncoder().encode(text)
const golden = (name: string, level: ProtocolLevel, notation: string, packet: Packet): Golden => ({
  name,
  level,
  bytes: bytes(notation),
  packet,
})
const loose = (name: string, level: ProtocolLevel, notation: string, packet: Packet): Golden => ({
  ...golden(name, level, notation, packet),
  loose: true,
})

const subscribed = { noLocal: false, retainAsPublished: false, retainHandling: 0 } as const

export const GOLDEN: readonly Golden[] = [
  // As seen on the wire: OB-USP-A v11.0.4 with Mosquitto 2.0.11.
  golden(
    'OB-USP-A CONNECT 5.0',
    5,
    '103600044d5154540502003c2926000f7573702d656e64706f696e742d696400106f733a3a3030323536442d544f55523519012100140000',
    {
      type: 'CONNECT',
      level: 5,
      clean: true,
      keepAlive: 60,
      clientId: '',
      properties: [
        { name: 'userProperty', value: ['usp-endpoint-id', 'os::00256D-TOUR5'] },
        { name: 'requestResponseInformation', value: 1 },
        { name: 'receiveMaximum', value: 20 },
      ],
    },
  ),
  golden(
    'OB-USP-A CONNECT 5.0 with user name and password',
    5,
    '103300044d51545405c2003c1b26000f7573702d656e64706f696e742d696400046175746821001400000004676f6f640003626164',
    {
      type: 'CONNECT',
      level: 5,
      clean: true,
      keepAlive: 60,
      clientId: '',
      username: 'good',
      password: raw('bad'),
      properties: [
        { name: 'userProperty', value: ['usp-endpoint-id', 'auth'] },
        { name: 'receiveMaximum', value: 20 },
      ],
    },
  ),
  golden('OB-USP-A CONNECT 3.1.1', 4, '101e00044d5154540402003c00126f733a3a3030323536442d544f5552333131', {
    type: 'CONNECT',
    level: 4,
    clean: true,
    keepAlive: 60,
    clientId: 'os::00256D-TOUR311',
    properties: [],
  }),
  golden(
    'OB-USP-A SUBSCRIBE 5.0',
    5,
    '824f00012426000f7573702d656e64706f696e742d696400106f733a3a3030323536442d544f55523500256f6b746f7075732f7573702f76312f6167656e742f6f733a3a3030323536442d544f55523500',
    {
      type: 'SUBSCRIBE',
      packetId: 1,
      subscriptions: [{ filter: 'oktopus/usp/v1/agent/os::00256D-TOUR5', qos: 0, ...subscribed }],
      properties: [{ name: 'userProperty', value: ['usp-endpoint-id', 'os::00256D-TOUR5'] }],
    },
  ),
  golden(
    'OB-USP-A Connect Record 5.0',
    5,
    '32b601002a6f6b746f7075732f7573702f76312f636f6e74726f6c6c65722f6f733a3a3030323536442d544f5552350002320300077573702e6d73670800256f6b746f7075732f7573702f76312f6167656e742f6f733a3a3030323536442d544f5552350a03312e3312116f6b746f707573436f6e74726f6c6c65721a106f733a3a3030323536442d544f5552355229080112256f6b746f7075732f7573702f76312f6167656e742f6f733a3a3030323536442d544f555235',
    {
      type: 'PUBLISH',
      dup: false,
      qos: 1,
      retain: false,
      topic: 'oktopus/usp/v1/controller/os::00256D-TOUR5',
      packetId: 2,
      properties: [
        { name: 'contentType', value: 'usp.msg' },
        { name: 'responseTopic', value: 'oktopus/usp/v1/agent/os::00256D-TOUR5' },
      ],
      payload: bytes(
        "0a03'1.3'1211'oktopusController'1a10'os::00256D-TOUR5'522908011225'oktopus/usp/v1/agent/os::00256D-TOUR5'",
      ),
    },
  ),
  golden('Mosquitto CONNACK refusing a password', 5, '2003008700', {
    type: 'CONNACK',
    sessionPresent: false,
    reasonCode: 0x87,
    properties: [],
  }),
  golden('Mosquitto PUBACK without subscribers', 5, '4003000210', {
    type: 'PUBACK',
    packetId: 2,
    reasonCode: 0x10,
    properties: [],
  }),
  loose('Mosquitto client DISCONNECT with all parts', 5, 'e0020000', {
    type: 'DISCONNECT',
    reasonCode: 0,
    properties: [],
  }),

  // One or more of each type.
  golden('CONNECT 3.1', 3, '10 * "MQIsdp" 03 02 000a "me"', {
    type: 'CONNECT',
    level: 3,
    clean: true,
    keepAlive: 10,
    clientId: 'me',
    properties: [],
  }),
  golden('CONNECT 3.1.1 of a bridge', 4, '10 * "MQTT" 84 00 0000 "b"', {
    type: 'CONNECT',
    level: 4,
    clean: false,
    keepAlive: 0,
    clientId: 'b',
    properties: [],
    bridge: true,
  }),
  golden('CONNECT 3.1.1 with Will', 4, '10 * "MQTT" 04 ee 003c "c" "w/t" "gone" "u" "p"', {
    type: 'CONNECT',
    level: 4,
    clean: true,
    keepAlive: 60,
    clientId: 'c',
    username: 'u',
    password: raw('p'),
    will: { topic: 'w/t', payload: raw('gone'), qos: 1, retain: true, properties: [] },
    properties: [],
  }),
  golden(
    'CONNECT 5.0 with Will Properties and a password alone',
    5,
    '10 * "MQTT" 05 54 003c 05 11 ffffffff "c" 11 18 0000001e 01 01 02 0000000a 09 0002 aabb "w" "" "p"',
    {
      type: 'CONNECT',
      level: 5,
      clean: false,
      keepAlive: 60,
      clientId: 'c',
      password: raw('p'),
      will: {
        topic: 'w',
        payload: raw(''),
        qos: 2,
        retain: false,
        properties: [
          { name: 'willDelayInterval', value: 30 },
          { name: 'payloadFormatIndicator', value: 1 },
          { name: 'messageExpiryInterval', value: 10 },
          { name: 'correlationData', value: Uint8Array.of(0xaa, 0xbb) },
        ],
      },
      properties: [{ name: 'sessionExpiryInterval', value: 0xffff_ffff }],
    },
  ),
  golden('CONNACK 3.1.1 refused', 4, '20 02 00 05', {
    type: 'CONNACK',
    sessionPresent: false,
    reasonCode: 5,
    properties: [],
  }),
  golden('CONNACK 3.1.1 with session', 4, '20 02 01 00', {
    type: 'CONNACK',
    sessionPresent: true,
    reasonCode: 0,
    properties: [],
  }),
  golden(
    'CONNACK 5.0 with every property',
    5,
    '20 * 01 00 5b 11 00000e10 21 0014 24 01 25 01 27 00010000 12 "auto-1" 22 000a 1f "hi" 26 "subscribe-topic" "a/b" 28 01 29 00 2a 01 13 001e 1a "r/" 1c "other" 15 "SCRAM" 16 0001 00',
    {
      type: 'CONNACK',
      sessionPresent: true,
      reasonCode: 0,
      properties: [
        { name: 'sessionExpiryInterval', value: 3600 },
        { name: 'receiveMaximum', value: 20 },
        { name: 'maximumQos', value: 1 },
        { name: 'retainAvailable', value: 1 },
        { name: 'maximumPacketSize', value: 65_536 },
        { name: 'assignedClientIdentifier', value: 'auto-1' },
        { name: 'topicAliasMaximum', value: 10 },
        { name: 'reasonString', value: 'hi' },
        { name: 'userProperty', value: ['subscribe-topic', 'a/b'] },
        { name: 'wildcardSubscriptionAvailable', value: 1 },
        { name: 'subscriptionIdentifierAvailable', value: 0 },
        { name: 'sharedSubscriptionAvailable', value: 1 },
        { name: 'serverKeepAlive', value: 30 },
        { name: 'responseInformation', value: 'r/' },
        { name: 'serverReference', value: 'other' },
        { name: 'authenticationMethod', value: 'SCRAM' },
        { name: 'authenticationData', value: Uint8Array.of(0) },
      ],
    },
  ),
  golden('PUBLISH 3.1.1 QoS 0', 4, '30 * "a/b" \'hello\'', {
    type: 'PUBLISH',
    dup: false,
    qos: 0,
    retain: false,
    topic: 'a/b',
    properties: [],
    payload: raw('hello'),
  }),
  golden('PUBLISH 3.1.1 QoS 2, DUP, RETAIN, empty', 4, '3d * "a/b" ffff', {
    type: 'PUBLISH',
    dup: true,
    qos: 2,
    retain: true,
    topic: 'a/b',
    packetId: 65_535,
    properties: [],
    payload: raw(''),
  }),
  golden(
    'PUBLISH 5.0 by alias, with two Subscription Identifiers',
    5,
    '30 * "" 08 23 0001 0b 01 0b 8001 ff',
    {
      type: 'PUBLISH',
      dup: false,
      qos: 0,
      retain: false,
      topic: '',
      properties: [
        { name: 'topicAlias', value: 1 },
        { name: 'subscriptionIdentifier', value: 1 },
        { name: 'subscriptionIdentifier', value: 128 },
      ],
      payload: Uint8Array.of(0xff),
    },
  ),
  golden('PUBLISH 5.0 with a topic of four-byte letters and U+FEFF', 5, '30 * "\uFEFF/ä/€/🛰" 00', {
    type: 'PUBLISH',
    dup: false,
    qos: 0,
    retain: false,
    topic: '\uFEFF/ä/€/🛰',
    properties: [],
    payload: raw(''),
  }),
  golden('PUBACK 3.1.1', 4, '40 02 0001', { type: 'PUBACK', packetId: 1, reasonCode: 0, properties: [] }),
  golden('PUBACK 5.0 short', 5, '40 02 0001', { type: 'PUBACK', packetId: 1, reasonCode: 0, properties: [] }),
  golden('PUBREC 5.0 with Reason String', 5, '50 * 0001 87 05 1f "no"', {
    type: 'PUBREC',
    packetId: 1,
    reasonCode: 0x87,
    properties: [{ name: 'reasonString', value: 'no' }],
  }),
  golden('PUBREL 3.1.1', 4, '62 02 0001', { type: 'PUBREL', packetId: 1, reasonCode: 0, properties: [] }),
  golden('PUBCOMP 5.0, success with a property', 5, '70 * 0001 00 07 26 "k" "v"', {
    type: 'PUBCOMP',
    packetId: 1,
    reasonCode: 0,
    properties: [{ name: 'userProperty', value: ['k', 'v'] }],
  }),
  golden('SUBSCRIBE 3.1.1 with two filters', 4, '82 * 0007 "a/#" 01 "+" 02', {
    type: 'SUBSCRIBE',
    packetId: 7,
    subscriptions: [
      { filter: 'a/#', qos: 1, ...subscribed },
      { filter: '+', qos: 2, ...subscribed },
    ],
    properties: [],
  }),
  golden(
    'SUBSCRIBE 5.0 with all options and an identifier',
    5,
    '82 * 0007 05 0b ffffff7f "a" 2d "$share/g/b" 1a',
    {
      type: 'SUBSCRIBE',
      packetId: 7,
      subscriptions: [
        { filter: 'a', qos: 1, noLocal: true, retainAsPublished: true, retainHandling: 2 },
        { filter: '$share/g/b', qos: 2, noLocal: false, retainAsPublished: true, retainHandling: 1 },
      ],
      properties: [{ name: 'subscriptionIdentifier', value: 268_435_455 }],
    },
  ),
  golden(
    'SUBSCRIBE whose filter is not valid, which is for the server to answer',
    5,
    '82 * 0001 00 "a#b" 00',
    {
      type: 'SUBSCRIBE',
      packetId: 1,
      subscriptions: [{ filter: 'a#b', qos: 0, ...subscribed }],
      properties: [],
    },
  ),
  golden('SUBACK 3.1.1', 4, '90 04 0007 02 80', {
    type: 'SUBACK',
    packetId: 7,
    reasonCodes: [2, 0x80],
    properties: [],
  }),
  golden('SUBACK 5.0', 5, '90 05 0007 00 01 8f', {
    type: 'SUBACK',
    packetId: 7,
    reasonCodes: [1, 0x8f],
    properties: [],
  }),
  golden('UNSUBSCRIBE 3.1.1', 4, 'a2 * 0008 "a/#" "+"', {
    type: 'UNSUBSCRIBE',
    packetId: 8,
    filters: ['a/#', '+'],
    properties: [],
  }),
  golden('UNSUBSCRIBE 5.0', 5, 'a2 * 0008 07 26 "k" "v" "a"', {
    type: 'UNSUBSCRIBE',
    packetId: 8,
    filters: ['a'],
    properties: [{ name: 'userProperty', value: ['k', 'v'] }],
  }),
  golden('UNSUBACK 3.1.1', 4, 'b0 02 0008', {
    type: 'UNSUBACK',
    packetId: 8,
    reasonCodes: [],
    properties: [],
  }),
  golden('UNSUBACK 5.0', 5, 'b0 05 0008 00 00 11', {
    type: 'UNSUBACK',
    packetId: 8,
    reasonCodes: [0, 0x11],
    properties: [],
  }),
  golden('PINGREQ', 4, 'c0 00', { type: 'PINGREQ' }),
  golden('PINGRESP', 5, 'd0 00', { type: 'PINGRESP' }),
  golden('DISCONNECT 3.1.1', 4, 'e0 00', { type: 'DISCONNECT', reasonCode: 0, properties: [] }),
  golden('DISCONNECT 5.0 short', 5, 'e0 00', { type: 'DISCONNECT', reasonCode: 0, properties: [] }),
  golden('DISCONNECT 5.0 with a reason', 5, 'e0 01 8e', {
    type: 'DISCONNECT',
    reasonCode: 0x8e,
    properties: [],
  }),
  golden('DISCONNECT 5.0 with properties', 5, 'e0 * 9d 13 1c "h:1" 1f "moved away"', {
    type: 'DISCONNECT',
    reasonCode: 0x9d,
    properties: [
      { name: 'serverReference', value: 'h:1' },
      { name: 'reasonString', value: 'moved away' },
    ],
  }),
  golden('AUTH 5.0 short', 5, 'f0 00', { type: 'AUTH', reasonCode: 0, properties: [] }),
  golden('AUTH 5.0', 5, 'f0 * 18 08 15 "M" 16 0001 07', {
    type: 'AUTH',
    reasonCode: 0x18,
    properties: [
      { name: 'authenticationMethod', value: 'M' },
      { name: 'authenticationData', value: Uint8Array.of(7) },
    ],
  }),

  // Allowed, though longer than needed.
  loose('PINGREQ with a long Remaining Length', 5, 'c0 80808000', { type: 'PINGREQ' }),
  loose('PUBACK 5.0 with all parts', 5, '40 04 0001 00 00', {
    type: 'PUBACK',
    packetId: 1,
    reasonCode: 0,
    properties: [],
  }),
  loose('PUBREL 3.1 with DUP', 3, '6a 02 0001', {
    type: 'PUBREL',
    packetId: 1,
    reasonCode: 0,
    properties: [],
  }),
  loose('CONNACK 3.1 with its reserved byte set', 3, '20 02 01 00', {
    type: 'CONNACK',
    sessionPresent: false,
    reasonCode: 0,
    properties: [],
  }),
]
