import { describe, expect, it } from 'vitest'
import type { Field } from '../../../shared/dissect/field.ts'
import { dissectMqtt } from '../../../shared/mqtt/dissect.ts'
import type { ProtocolLevel } from '../../../shared/mqtt/packets.ts'
import { bytes } from './bytes.ts'
import { GOLDEN } from './golden.ts'

/** A tree as lines: indent, range, filter name, label, text, and a finding after `!`. */
const lines = (fields: readonly Field[], depth = 0): string[] =>
  fields.flatMap(({ name, label, text, start, end, children, finding }) => {
    const remark =
      finding === undefined ? '' : ` ! ${finding.severity} ${finding.rule ?? '-'}: ${finding.text}`
    const line = `${'  '.repeat(depth)}${start}-${end} ${name} [${label}] ${text}`.trimEnd() + remark
    return [line, ...lines(children ?? [], depth + 1)]
  })
const tree = (notation: string, level: ProtocolLevel): string[] =>
  lines(dissectMqtt(bytes(notation), level).fields)
const find = (fields: readonly Field[], name: string): Field | undefined => {
  for (const field of fields) {
    const found = field.name === name ? field : find(field.children ?? [], name)
    if (found !== undefined) return found
  }
  return undefined
}

describe('a dissected packet', () => {
  it('CONNECT 5.0 shows every flag and every property', () => {
    expect(tree('10 * "MQTT" 05 c6 003c 03 21 0014 "c" 00 "w" \'\' 0002 ff00 "me" "pw"', 5)).toEqual([
      '0-1 mqtt.hdrflags [Fixed Header] 0x10',
      '  0-1 mqtt.msgtype [Packet Type] CONNECT (1)',
      '  0-1 mqtt.hdr_reserved [Reserved] 0',
      '1-2 mqtt.len [Remaining Length] 33',
      '2-4 mqtt.proto_len [Protocol Name Length] 4',
      '4-8 mqtt.protoname [Protocol Name] MQTT',
      '8-9 mqtt.ver [Protocol Level] 5 (MQTT 5.0)',
      '9-10 mqtt.conflags [Connect Flags] 0xC6',
      '  9-10 mqtt.conflag.uname [User Name Flag] set',
      '  9-10 mqtt.conflag.passwd [Password Flag] set',
      '  9-10 mqtt.conflag.retain [Will Retain] not set',
      '  9-10 mqtt.conflag.qos [Will QoS] 0 (at most once)',
      '  9-10 mqtt.conflag.willflag [Will Flag] set',
      '  9-10 mqtt.conflag.cleansess [Clean Start] set',
      '  9-10 mqtt.conflag.reserved [Reserved] not set',
      '10-12 mqtt.kalive [Keep Alive] 60 s',
      '12-16 mqtt.properties [Properties]',
      '  12-13 mqtt.property_len [Property Length] 3',
      '  13-16 mqtt.prop.receive_maximum [Receive Maximum] 20',
      '    13-14 mqtt.property_id [Identifier] 0x21',
      '    14-16 mqtt.prop_number [Value] 20',
      '16-18 mqtt.clientid_len [Client Identifier Length] 1',
      '18-19 mqtt.clientid [Client Identifier] c',
      '19-27 mqtt.will [Will]',
      '  19-20 mqtt.will_properties [Will Properties]',
      '    19-20 mqtt.property_len [Property Length] 0',
      '  20-22 mqtt.willtopic_len [Will Topic Length] 1',
      '  22-23 mqtt.willtopic [Will Topic] w',
      '  23-25 mqtt.willmsg_len [Will Payload Length] 2',
      '  25-27 mqtt.willmsg [Will Payload] ff00',
      '27-29 mqtt.username_len [User Name Length] 2',
      '29-31 mqtt.username [User Name] me',
      '31-33 mqtt.passwd_len [Password Length] 2',
      '33-35 mqtt.passwd [Password] •••• (2 bytes)',
    ])
  })

  it('PUBLISH 5.0 gives the payload and each user property', () => {
    const { fields, payload } = dissectMqtt(bytes('33 * "a/b" 0007 09 26 "k" "v" 01 01 \'hi\''), 5)
    expect(lines(fields)).toEqual([
      '0-1 mqtt.hdrflags [Fixed Header] 0x33',
      '  0-1 mqtt.msgtype [Packet Type] PUBLISH (3)',
      '  0-1 mqtt.dupflag [DUP] not set',
      '  0-1 mqtt.qos [QoS] 1 (at least once)',
      '  0-1 mqtt.retain [RETAIN] set',
      '1-2 mqtt.len [Remaining Length] 19',
      '2-4 mqtt.topic_len [Topic Name Length] 3',
      '4-7 mqtt.topic [Topic Name] a/b',
      '7-9 mqtt.msgid [Packet Identifier] 7',
      '9-19 mqtt.properties [Properties]',
      '  9-10 mqtt.property_len [Property Length] 9',
      '  10-17 mqtt.prop.user [User Property] k = v',
      '    10-11 mqtt.property_id [Identifier] 0x26',
      '    11-13 mqtt.prop_key_len [Name Length] 1',
      '    13-14 mqtt.prop_key [Name] k',
      '    14-16 mqtt.prop_value_len [Value Length] 1',
      '    16-17 mqtt.prop_value [Value] v',
      '  17-19 mqtt.prop.payload_format_indicator [Payload Format Indicator] 1 (UTF-8 text)',
      '    17-18 mqtt.property_id [Identifier] 0x01',
      '    18-19 mqtt.prop_number [Value] 1',
      '19-21 mqtt.msg [Payload] 2 bytes',
    ])
    expect(payload).toEqual({ start: 19, end: 21 })
    expect(find(fields, 'mqtt.prop.user')?.value).toBe('k=v')
    expect(find(fields, 'mqtt.qos')?.value).toBe(1)
  })

  it('SUBSCRIBE and SUBACK show options and names of codes', () => {
    expect(tree('82 * 0001 00 "a" 2d', 5).slice(5)).toEqual([
      '4-5 mqtt.properties [Properties]',
      '  4-5 mqtt.property_len [Property Length] 0',
      '5-9 mqtt.subscription [Subscription]',
      '  5-7 mqtt.topic_len [Topic Filter Length] 1',
      '  7-8 mqtt.topic [Topic Filter] a',
      '  8-9 mqtt.subscription_options [Subscription Options] 0x2D',
      '    8-9 mqtt.subscription_options_reserved [Reserved] 0',
      '    8-9 mqtt.subscription_options_retain [Retain Handling] 2 (send no retained messages)',
      '    8-9 mqtt.subscription_options_rap [Retain As Published] set',
      '    8-9 mqtt.subscription_options_nl [No Local] set',
      '    8-9 mqtt.sub.qos [Maximum QoS] 1 (at least once)',
    ])
    expect(tree('90 04 0001 00 87', 5).at(-1)).toBe(
      '5-6 mqtt.suback.reason_code [Reason Code] Not authorized (0x87)',
    )
    expect(tree('90 03 0001 80', 4).at(-1)).toBe('4-5 mqtt.suback.qos [Return Code] Failure (0x80)')
    expect(tree('20 02 01 05', 4).slice(4)).toEqual([
      '2-3 mqtt.conack.flags [Connect Acknowledge Flags] 0x01',
      '  2-3 mqtt.conack.flags.reserved [Reserved] 0',
      '  2-3 mqtt.conack.flags.sp [Session Present] yes',
      '3-4 mqtt.conack.val [Return Code] Connection Refused, not authorized (0x05)',
    ])
  })

  it('a Will Property has a name of its own', () => {
    const { fields } = dissectMqtt(bytes('10 * "MQTT" 05 06 0000 00 "" 05 18 0000001e "w" ""'), 5)
    const field = find(fields, 'mqtt.will.prop.will_delay_interval')
    expect(field).toMatchObject({ label: 'Will Delay Interval', text: '30 s', value: 30 })
  })

  it('never shows secrets', () => {
    const connect = dissectMqtt(bytes('10 * "MQTT" 05 c2 0000 0a 15 "M" 16 0003 \'SCR\' "" "me" "SECRET"'), 5)
    expect(connect.error).toBeUndefined()
    const shown = JSON.stringify(connect.fields)
    expect(shown).not.toContain('SECRET')
    expect(shown).not.toContain('SCR')
    expect(shown).not.toContain('534352')
    expect(find(connect.fields, 'mqtt.passwd')).not.toHaveProperty('value')
    expect(find(connect.fields, 'mqtt.prop.authentication_data')).not.toHaveProperty('value')
  })

  it('shows the topic that an alias stands for, without bytes', () => {
    const packet = bytes('30 * "" 03 23 0005')
    const { fields } = dissectMqtt(packet, 5, { topic: 'a/b' })
    expect(fields.filter(({ name }) => name === 'mqtt.topic')).toMatchObject([
      { text: '', start: 4, end: 4 },
      { label: 'Topic Name (by alias)', text: 'a/b', value: 'a/b', start: 4, end: 4 },
    ])
    const plain = dissectMqtt(bytes('30 * "x" 00'), 5, { topic: 'a/b' })
    expect(plain.fields.filter(({ name }) => name === 'mqtt.topic')).toMatchObject([{ text: 'x' }])
  })

  it.each(GOLDEN)('shows no text that is cut: $name', ({ bytes: packet, level }) => {
    const { fields } = dissectMqtt(packet, level)
    expect(lines(fields).join('\n')).not.toMatch(/…|\.\.\./)
  })
})

describe('a fault', () => {
  it('stands on the field that it is about, and dissection goes on', () => {
    const { packet, error, fields } = dissectMqtt(bytes('30 * "a/#" 00 \'hi\''), 5)
    expect(lines(fields).slice(7)).toEqual([
      '4-7 mqtt.topic [Topic Name] a/# ! error MQTT-3.3.2-2: Topic Name holds the wildcard #',
      '7-8 mqtt.properties [Properties]',
      '  7-8 mqtt.property_len [Property Length] 0',
      '8-10 mqtt.msg [Payload] 2 bytes',
    ])
    expect(packet).toMatchObject({ topic: 'a/#' })
    expect(error?.reasonCode).toBe(0x90)
  })
  it('inside a text stands at its bytes', () => {
    expect(tree('30 * 0003 61ff62 00', 5).slice(7, 9)).toEqual([
      '4-7 mqtt.topic [Topic Name] a\uFFFDb',
      '  5-6 mqtt.malformed [Fault] Topic Name is not valid UTF-8 ! error MQTT-1.5.4-1: Topic Name is not valid UTF-8',
    ])
  })
  it('that ends the packet leaves the rest as not decoded', () => {
    const { packet, fields } = dissectMqtt(bytes('36 * "a" 0001 00'), 5)
    expect(packet).toBeUndefined()
    const [header, rest] = [fields[0]!, fields.at(-1)!]
    expect(header.finding).toMatchObject({ severity: 'error', rule: 'MQTT-3.3.1-4' })
    expect(rest).toMatchObject({ name: 'mqtt.undecoded', text: '7 bytes', start: 1, end: 8 })
  })
  it('of a packet that was cut does not hide what is there', () => {
    const { fields, packet, error } = dissectMqtt(bytes('30 14 "a/b" 00').subarray(0, 7), 5)
    expect(packet).toBeUndefined()
    expect(error?.message).toBe('Remaining Length is 20, but 5 bytes follow')
    expect(lines(fields).slice(7)).toEqual([
      '4-7 mqtt.topic [Topic Name] a/b',
      '7-7 mqtt.properties [Properties]',
      '7-7 mqtt.malformed [Fault] Property Length needs 1 byte, but the packet ends before it' +
        ' ! error -: Property Length needs 1 byte, but the packet ends before it',
    ])
  })
  it('of each kind is listed when there are several', () => {
    const { fields, error } = dissectMqtt(bytes('32 * "+" 0000 06 23 0000 23 0001'), 5)
    const remarks = lines(fields).flatMap((line) => line.split(' ! error ')[1] ?? [])
    expect(remarks).toEqual([
      'MQTT-3.3.2-2: Topic Name holds the wildcard +',
      'MQTT-2.2.1-3: Packet Identifier is 0',
      'MQTT-3.3.2-8: Topic Alias is 0, but must not be 0',
      '-: Topic Alias stands more than once',
    ])
    expect(error?.message).toBe('Topic Name holds the wildcard +')
  })
  it('in a truncated property stands inside what was read of it', () => {
    expect(tree('30 * "a" 04 08 0004 61', 5).slice(8)).toEqual([
      '5-10 mqtt.properties [Properties]',
      '  5-6 mqtt.property_len [Property Length] 4',
      '  6-10 mqtt.prop.response_topic [Response Topic]',
      '    6-7 mqtt.property_id [Identifier] 0x08',
      '    7-9 mqtt.prop_string_len [Value Length] 4',
      '    9-10 mqtt.malformed [Fault] Response Topic needs 4 bytes, but only 1 is left' +
        ' ! error -: Response Topic needs 4 bytes, but only 1 is left',
    ])
  })
  it('that comes thousands of times is counted, not listed', () => {
    const { fields, error } = dissectMqtt(bytes(`82 * 0001 00 ${'0000 00 '.repeat(20_000)}`), 5)
    expect(error?.message).toBe('Topic Filter is empty')
    expect(fields.at(-1)?.finding?.text).toBe('19900 more faults, not listed one by one')
    const filters = fields.filter(({ name }) => name === 'mqtt.subscription')
    expect(filters).toHaveLength(20_000)
  })
  it('that is only bad style is a warning', () => {
    const { fields, error } = dissectMqtt(bytes('c0 8000'), 5)
    expect(error).toBeUndefined()
    expect(fields[1]?.finding).toEqual({
      severity: 'warning',
      text: 'Remaining Length takes 2 bytes where 1 would do',
      rule: 'MQTT-1.5.5-1',
    })
    expect(dissectMqtt(bytes('c0 8000'), 4).fields[1]?.finding).toBeUndefined()
  })
})
