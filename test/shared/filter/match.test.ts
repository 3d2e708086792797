/** What the language means, on packets made by hand. */
import { describe, expect, test } from 'vitest'
import type { PacketView } from '../../../shared/filter/columns.ts'
import { parseFilter } from '../../../shared/filter/filter.ts'
import { matchPacket } from '../../../shared/filter/match.ts'
import { encodePacket } from '../../../shared/mqtt/encode.ts'
import type { Packet, Properties, Subscription } from '../../../shared/mqtt/packets.ts'
import { readPublishes } from '../usp/publishes.ts'
import { Indexed } from './indexed.ts'

function matches(filter: string, packet: PacketView): boolean {
  const parsed = parseFilter(filter)
  if (!parsed.ok) throw new Error(`${filter}: ${parsed.error.message}`)
  return matchPacket(parsed.filter.program, packet)
}

const index = new Indexed()
index.open(1)
const row = (packet: Packet, direction: 'in' | 'out' = 'in') =>
  index.packet(index.add(1, direction, encodePacket(packet, 5)))

const properties: Properties = [
  { name: 'userProperty', value: ['usp-endpoint-id', 'os::1'] },
  { name: 'userProperty', value: ['colour', 'red=green'] },
  { name: 'userProperty', value: ['colour', 'blue'] },
]
const connect = row({
  type: 'CONNECT',
  level: 5,
  clean: true,
  keepAlive: 90,
  clientId: 'dev-1',
  username: 'ann',
  password: Buffer.from('hunter2'),
  properties: [...properties, { name: 'sessionExpiryInterval', value: 0xffff_ffff }],
  will: {
    topic: 'gone/dev-1',
    payload: Buffer.from('bye'),
    qos: 1,
    retain: true,
    properties: [{ name: 'willDelayInterval', value: 5 }],
  },
})
const subscription = (filter: string, qos: 0 | 1 | 2): Subscription => ({
  filter,
  qos,
  noLocal: false,
  retainAsPublished: false,
  retainHandling: 0,
})
const subscribe = row({
  type: 'SUBSCRIBE',
  packetId: 7,
  properties: [],
  subscriptions: [subscription('a/+', 1), subscription('b/#', 2)],
})
const suback = row({ type: 'SUBACK', packetId: 7, reasonCodes: [1, 0x87], properties: [] }, 'out')
const puback = row({ type: 'PUBACK', packetId: 9, reasonCode: 0, properties: [] }, 'out')
const publish = row({
  type: 'PUBLISH',
  dup: false,
  qos: 1,
  retain: true,
  packetId: 9,
  topic: 'a/b/ü',
  properties: [{ name: 'correlationData', value: Uint8Array.of(1, 2, 0xff) }],
  payload: Buffer.from('{"Boot": "ok"}'),
})
const ping = row({ type: 'PINGREQ' })
const close = index.packet(index.close(1))
const malformed = index.packet(index.add(1, 'in', Uint8Array.of(0x36, 0x01, 0x00), true))
const boot = readPublishes('obuspa-tour.pcapng').find(
  ({ topic, packet }) => topic.endsWith('TOUR5') && Buffer.from(packet).includes('LocalFactoryReset'),
)
index.open(2, { ip: '::ffff:10.1.2.3', port: 40_000 }, { ip: 'fe80::1', port: 8883 })
const record = index.packet(index.add(2, 'in', boot?.packet ?? new Uint8Array(0)))

describe.each([
  ['CONNECT', connect, 'mqtt.clientid == "dev-1"', true],
  ['CONNECT', connect, 'mqtt.username == ann && mqtt.passwd', true],
  ['CONNECT', connect, 'mqtt.kalive == 1.5m and mqtt.kalive == 90', true],
  ['CONNECT', connect, 'mqtt.kalive > 90', false],
  ['CONNECT', connect, 'mqtt.prop.session_expiry_interval == 4294967295', true],
  ['CONNECT', connect, 'mqtt.will.prop.will_delay_interval == 5s', true],
  ['CONNECT', connect, 'mqtt.willmsg == "bye" and mqtt.willtopic ~ "gone/#"', true],
  ['CONNECT', connect, 'mqtt.conflag.qos == 1 and mqtt.conflag.retain == true', true],
  ['CONNECT', connect, 'mqtt.topic', false],
  // Entries: any of the pairs of that name.
  ['CONNECT', connect, 'mqtt.prop.user["usp-endpoint-id"] == "os::1"', true],
  ['CONNECT', connect, 'mqtt.prop.user["colour"] == "red=green"', true],
  ['CONNECT', connect, 'mqtt.prop.user["colour"] == blue', true],
  ['CONNECT', connect, 'mqtt.prop.user["colour"] != blue', false],
  ['CONNECT', connect, 'mqtt.prop.user["colour"] !== blue', true],
  ['CONNECT', connect, 'mqtt.prop.user["smell"]', false],
  ['CONNECT', connect, 'mqtt.prop.user["smell"] != x', false],
  ['CONNECT', connect, 'mqtt.prop.user == "colour=blue"', true],
  // Many values: any for the comparisons, all for != and ===.
  ['SUBSCRIBE', subscribe, 'mqtt.topic == "a/+"', true],
  ['SUBSCRIBE', subscribe, 'mqtt.topic == "b/#"', true],
  ['SUBSCRIBE', subscribe, 'mqtt.topic != "a/+"', false],
  ['SUBSCRIBE', subscribe, 'mqtt.topic != "c"', true],
  ['SUBSCRIBE', subscribe, 'mqtt.topic !== "a/+"', true],
  ['SUBSCRIBE', subscribe, 'mqtt.topic === "a/+"', false],
  ['SUBSCRIBE', subscribe, 'mqtt.sub.qos in {2..5}', true],
  ['SUBSCRIBE', subscribe, 'mqtt.sub.qos === 1', false],
  ['SUBSCRIBE', subscribe, 'mqtt.sub.qos > 0 and not mqtt.sub.qos > 2', true],
  ['SUBACK', suback, 'mqtt.reason_code == not_authorized', true],
  ['SUBACK', suback, 'mqtt.suback.reason_code == "Granted QoS 1"', true],
  ['SUBACK', suback, 'mqtt.reason_code >= 0x80 and mqtt.reason_code < 0x80', true],
  ['SUBACK', suback, 'mqtt.msgid == 7 and direction == out', true],
  // Left out on the wire, and Success all the same; under its own name it is not there.
  ['PUBACK', puback, 'mqtt.reason_code == Success', true],
  ['PUBACK', puback, 'mqtt.reason_code', true],
  ['PUBACK', puback, 'mqtt.puback.reason_code', false],
  [
    'PUBLISH',
    publish,
    'mqtt.msgtype == publish and mqtt.msgtype == 3 and mqtt.msgtype in {CONNECT..PUBLISH}',
    true,
  ],
  ['PUBLISH', publish, 'mqtt.qos == 1 and mqtt.retain == true and mqtt.dupflag == false', true],
  // Bare names ask for presence, as in Wireshark.
  ['PUBLISH', publish, 'mqtt.dupflag', true],
  ['PUBLISH', publish, 'mqtt.reason_code', false],
  ['PUBLISH', publish, 'mqtt.reason_code != 0', false],
  ['PUBLISH', publish, 'mqtt.topic ~ "+/b/#"', true],
  ['PUBLISH', publish, 'mqtt.topic ~ "a/b"', false],
  ['PUBLISH', publish, 'mqtt.topic contains "B"', false],
  ['PUBLISH', publish, 'mqtt.topic matches "B/Ü$"', true],
  ['PUBLISH', publish, 'mqtt.topic matches "(?-i)B"', false],
  ['PUBLISH', publish, 'mqtt.prop.correlation_data == 01:02:ff', true],
  [
    'PUBLISH',
    publish,
    'mqtt.prop.correlation_data contains 02ff and mqtt.prop.correlation_data > 01:02',
    true,
  ],
  ['PUBLISH', publish, 'mqtt.msg contains "Boot" and not mqtt.msg contains "boot"', true],
  ['PUBLISH', publish, 'mqtt.msg matches "boot.*OK"', true],
  ['PUBLISH', publish, 'data.json contains "Boot" and not usp', true],
  ['PUBLISH', publish, 'frame.len >= 30 and frame.time_relative < 10ms and frame.time >= 2026-01-01', true],
  ['PUBLISH', publish, 'frame.time == 2026-01-01', true],
  ['PUBLISH', publish, 'frame.time < 2026-01-01 or frame.time > 2026-01-01', false],
  ['PUBLISH', publish, 'rtt', false],
  [
    'PUBLISH',
    publish,
    'device == "os::1" and connection.clientid == dev-1 and connection.version == 5.0',
    true,
  ],
  ['PUBLISH', publish, 'mqtt.clientid', false],
  ['PUBLISH', publish, 'PUB a/b os::1', true],
  ['PUBLISH', publish, 'publish ann 192.168.1.7:50000', true],
  ['PUBLISH', publish, 'publish bob', false],
  ['PINGREQ', ping, 'mqtt', true],
  ['PINGREQ', ping, 'mqtt.topic or mqtt.msgid or mqtt.qos or mqtt.reason_code or mqtt.properties', false],
  ['close', close, 'kind == close and not mqtt and connection == 1', true],
  ['close', close, 'mqtt.msgtype != PUBLISH', false],
  ['close', close, '"tcp close" os::1', true],
  ['malformed', malformed, 'kind == malformed and mqtt and mqtt.msgtype == PUBLISH', true],
  ['malformed', malformed, 'lint.rule == MQTT-3.3.1-4', true],
  ['malformed', malformed, 'kind in {packet, probe}', false],
  [
    'Boot!',
    record,
    'usp.type == NOTIFY and usp.event_name == Boot! and usp.params["Cause"] == LocalFactoryReset',
    true,
  ],
  ['Boot!', record, 'usp.type == 3 and usp.type != GET and usp.type in {ERROR..SET}', true],
  ['Boot!', record, 'usp.params["Cause"] == LocalReboot or usp.params["CommandKey"] != ""', false],
  ['Boot!', record, 'usp.send_resp == true or usp.send_resp == false or not usp.send_resp', true],
  ['Boot!', record, 'usp.payload contains "Boot!" and usp.from_id contains "os::"', true],
  ['Boot!', record, 'usp.path == Device. and usp.body', true],
  ['Boot!', record, 'usp.payload_security == PLAINTEXT', true],
  ['Boot!', record, 'notify boot!', true],
  ['Boot!', record, 'ip.src == 10.0.0.0/8 and ip.dst == fe80::/10 and ip.addr == 10.1.2.3', true],
  ['Boot!', record, 'ip.addr != 10.1.2.3', false],
  ['Boot!', record, 'ip.src > 10.1.2.2 and ip.src < 10.1.2.4 and ip.src == ::ffff:0a01:0203', true],
  ['Boot!', record, 'tcp.port == 8883 and tcp.srcport == 40000 and tcp.dstport in {8000..9000}', true],
])('%s', (_name, packet, filter, expected) => {
  test(filter, () => {
    expect(matches(filter, packet)).toBe(expected)
  })
})

test('a packet that the columns settle is not dissected', () => {
  const sealed: PacketView = {
    column: (name) => publish.column(name),
    fields: () => expect.fail('dissected'),
    bytes: () => expect.fail('read'),
  }
  expect(matches('mqtt.topic ~ "a/#" and mqtt.qos == 1 and not usp and ip.src == 192.168.1.7', sealed)).toBe(
    true,
  )
  expect(matches('mqtt.qos == 2 and mqtt.prop.user', sealed)).toBe(false)
  expect(matches('mqtt.clientid or mqtt.suback.reason_code', sealed)).toBe(false)
})

test.each([
  ['lint.rule == "content-type"', true],
  ['lint.rule in {"mqtt-5", "content-type"}', true],
  ['lint.rule == "mqtt-5"', false],
  ['not lint.rule == "mqtt-5"', true],
])('a rule of the linter by its short name needs no look at the packet: %s', (filter, expected) => {
  const view = (rules: readonly string[]): PacketView => ({
    column: (name) =>
      name === 'lintRule' ? rules : name === 'lint' ? Math.min(rules.length, 3) : publish.column(name),
    fields: () => expect.fail('dissected'),
    bytes: () => expect.fail('read'),
  })
  expect(matches(filter, view(['response-topic', 'content-type']))).toBe(expected)
  expect(matches(filter, view([]))).toBe(filter.startsWith('not'))
})

test('what the caller knows besides counts as well', () => {
  const known: PacketView = {
    ...publish,
    column: (name) =>
      name === 'lintRule' ? ['content-type', 'msg-header'] : name === 'aclVerdict' ? 2 : publish.column(name),
  }
  expect(matches('lint.id == msg-header and acl.verdict == deny', known)).toBe(true)
  expect(matches('lint.id != msg-header', known)).toBe(false)
  expect(matches('acl.verdict == allow', known)).toBe(false)
})

test('a tree alone will do', () => {
  const bare: PacketView = { column: () => undefined, fields: publish.fields, bytes: publish.bytes }
  expect(matches('mqtt.qos == 1 and mqtt.topic ~ "a/#" and mqtt.msg contains "ok"', bare)).toBe(true)
  expect(matches('mqtt.qos == 0 or mqtt.reason_code', bare)).toBe(false)
})
