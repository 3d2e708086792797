/** Packets that break the standard, as bytes (notation: `test/shared/mqtt/bytes.ts`), and how they are answered. */
import type { Shown } from './shows.ts'
import type { Version } from './statement.ts'

export interface BadPacket {
  readonly says: string
  /** Reason code of CONNACK or DISCONNECT in 5.0. */
  readonly code: number
  /** By version: the bytes, and the numbers of the statements that they break. */
  readonly in: Partial<Record<Version, readonly [bytes: string, ids: string]>>
}

export const idsOf = ({ in: versions }: BadPacket): Shown =>
  Object.fromEntries(Object.entries(versions).map(([version, [, ids]]) => [version, ids]))

const MALFORMED = 0x81
const PROTOCOL_ERROR = 0x82
const TOPIC_INVALID = 0x90
const ALIAS_INVALID = 0x94

type Side = readonly [bytes: string, ids: string]
const both = (says: string, code: number, v5: Side, v311: Side): BadPacket => ({
  says,
  code,
  in: { '5.0': v5, '3.1.1': v311 },
})
const only5 = (says: string, code: number, ...v5: Side): BadPacket => ({ says, code, in: { '5.0': v5 } })
const only4 = (says: string, code: number, ...v311: Side): BadPacket => ({
  says,
  code,
  in: { '3.1.1': v311 },
})

/** First packets of a connection. */
export const BAD_CONNECTS: readonly BadPacket[] = [
  both(
    'the reserved Connect Flag is set',
    MALFORMED,
    ['10 * "MQTT" 05 03 0000 00 "a"', '3.1.2-3 3.1.4-1 3.2.2-7'],
    ['10 * "MQTT" 04 03 0000 "a"', '3.1.2-3 3.1.4-1 3.2.2-6'],
  ),
  both(
    'CONNECT with flags in its fixed header',
    PROTOCOL_ERROR,
    ['11 * "MQTT" 05 02 0000 00 "a"', '2.1.3-1'],
    ['11 * "MQTT" 04 02 0000 "a"', '2.2.2-1 2.2.2-2'],
  ),
  both(
    'no will, but a Will QoS',
    MALFORMED,
    ['10 * "MQTT" 05 0a 0000 00 "a"', '3.1.2-11'],
    ['10 * "MQTT" 04 0a 0000 "a"', '3.1.2-13 3.1.2-11'],
  ),
  both(
    'no will, but Will Retain',
    MALFORMED,
    ['10 * "MQTT" 05 22 0000 00 "a"', '3.1.2-13'],
    ['10 * "MQTT" 04 22 0000 "a"', '3.1.2-15 3.1.2-11'],
  ),
  both(
    'Will QoS 3',
    MALFORMED,
    ['10 * "MQTT" 05 1e 0000 00 "a" 00 "w" ""', '3.1.2-12'],
    ['10 * "MQTT" 04 1e 0000 "a" "w" ""', '3.1.2-14'],
  ),
  both(
    'Will Flag, but no will',
    MALFORMED,
    ['10 * "MQTT" 05 06 0000 00 "a"', '3.1.2-9'],
    ['10 * "MQTT" 04 06 0000 "a"', '3.1.2-9'],
  ),
  both(
    'a user name without its flag',
    MALFORMED,
    ['10 * "MQTT" 05 02 0000 00 "a" "u"', '3.1.2-16'],
    ['10 * "MQTT" 04 02 0000 "a" "u"', '3.1.2-18'],
  ),
  both(
    'User Name Flag, but no user name',
    MALFORMED,
    ['10 * "MQTT" 05 82 0000 00 "a"', '3.1.2-17'],
    ['10 * "MQTT" 04 82 0000 "a"', '3.1.2-19'],
  ),
  both(
    'a password without its flag',
    MALFORMED,
    ['10 * "MQTT" 05 82 0000 00 "a" "u" "p"', '3.1.2-18'],
    ['10 * "MQTT" 04 82 0000 "a" "u" "p"', '3.1.2-20'],
  ),
  both(
    'Password Flag, but no password',
    MALFORMED,
    ['10 * "MQTT" 05 c2 0000 00 "a" "u"', '3.1.2-19'],
    ['10 * "MQTT" 04 c2 0000 "a" "u"', '3.1.2-21'],
  ),
  only4('a password without a user name', PROTOCOL_ERROR, '10 * "MQTT" 04 42 0000 "a" "p"', '3.1.2-22'),
  both(
    'no client ID field',
    MALFORMED,
    ['10 * "MQTT" 05 02 0000 00', '3.1.3-3'],
    ['10 * "MQTT" 04 02 0000', '3.1.3-3'],
  ),
  both(
    'a client ID that is no UTF-8',
    MALFORMED,
    ['10 * "MQTT" 05 02 0000 00 0002 61ff', '3.1.3-4 1.5.4-1'],
    ['10 * "MQTT" 04 02 0000 0002 61ff', '3.1.3-4 1.5.3-1'],
  ),
  both(
    'a Will Topic with a surrogate',
    MALFORMED,
    ['10 * "MQTT" 05 06 0000 00 "a" 00 0003 eda080 ""', '3.1.3-11 1.5.4-1'],
    ['10 * "MQTT" 04 06 0000 "a" 0003 eda080 ""', '3.1.3-10 1.5.3-1'],
  ),
  both(
    'a user name with U+0000',
    MALFORMED,
    ['10 * "MQTT" 05 82 0000 00 "a" 0003 610062', '3.1.3-12 1.5.4-2'],
    ['10 * "MQTT" 04 82 0000 "a" 0003 610062', '3.1.3-11 1.5.3-2'],
  ),
  both(
    'a Will Topic with a wildcard',
    TOPIC_INVALID,
    ['10 * "MQTT" 05 06 0000 00 "a" 00 "w/+" ""', '4.7.0-1'],
    ['10 * "MQTT" 04 06 0000 "a" "w/+" ""', '4.7.1-1'],
  ),
]

/** Packets of a client that is connected. */
export const BAD_PACKETS: readonly BadPacket[] = [
  both(
    'a SUBSCRIBE with the flags 0000',
    MALFORMED,
    ['80 * 0001 00 "a" 00', '3.8.1-1 2.1.3-1 4.13.1-1 4.13.2-1'],
    ['80 * 0001 "a" 00', '3.8.1-1 2.2.2-1 2.2.2-2'],
  ),
  both(
    'an UNSUBSCRIBE with the flags 0000',
    MALFORMED,
    ['a0 * 0001 00 "a"', '3.10.1-1'],
    ['a0 * 0001 "a"', '3.10.1-1'],
  ),
  both('a PUBREL with the flags 0000', MALFORMED, ['60 02 0001', '3.6.1-1'], ['60 02 0001', '3.6.1-1']),
  both('a DISCONNECT with flags', MALFORMED, ['e1 00', '3.14.1-1'], ['e1 00', '3.14.1-1']),
  only5('an AUTH with flags', MALFORMED, 'f1 00', '3.15.1-1'),
  both(
    'a SUBSCRIBE without a filter',
    PROTOCOL_ERROR,
    ['82 03 0001 00', '3.8.3-2 4.13.1-1'],
    ['82 02 0001', '3.8.3-3 4.8.0-1'],
  ),
  both(
    'an UNSUBSCRIBE without a filter',
    PROTOCOL_ERROR,
    ['a2 03 0001 00', '3.10.3-2'],
    ['a2 02 0001', '3.10.3-2 4.8.0-1'],
  ),
  both(
    'a filter of SUBSCRIBE that is no UTF-8',
    MALFORMED,
    ['82 * 0001 00 0002 61ff 00', '3.8.3-1'],
    ['82 * 0001 0002 61ff 00', '3.8.3-1'],
  ),
  both(
    'a filter of UNSUBSCRIBE that is no UTF-8',
    MALFORMED,
    ['a2 * 0001 00 0002 61ff', '3.10.3-1'],
    ['a2 * 0001 0002 61ff', '3.10.3-1'],
  ),
  both(
    'a filter with U+0000',
    MALFORMED,
    ['82 * 0001 00 0003 610062 00', '4.7.3-2 1.5.4-2'],
    ['82 * 0001 0003 610062 00', '4.7.3-2 1.5.3-2'],
  ),
  both('an empty filter', PROTOCOL_ERROR, ['82 * 0001 00 "" 00', '4.7.3-1'], ['82 * 0001 "" 00', '4.7.3-1']),
  only5('reserved bits in the Subscription Options', MALFORMED, '82 * 0001 00 "a" 40', '3.8.3-5'),
  only4('bits beside the QoS asked for', MALFORMED, '82 * 0001 "a" 04', '3-8.3-4'),
  only4('a subscription at QoS 3', MALFORMED, '82 * 0001 "a" 03', '3-8.3-4'),
  only5('No Local on a shared subscription', PROTOCOL_ERROR, '82 * 0001 00 "$share/g/a" 04', '3.8.3-4'),
  both(
    'a SUBSCRIBE with Packet Identifier 0',
    PROTOCOL_ERROR,
    ['82 * 0000 00 "a" 00', '2.2.1-3'],
    ['82 * 0000 "a" 00', '2.3.1-1'],
  ),
  both(
    'an UNSUBSCRIBE with Packet Identifier 0',
    PROTOCOL_ERROR,
    ['a2 * 0000 00 "a"', '2.2.1-3'],
    ['a2 * 0000 "a"', '2.3.1-1'],
  ),
  both(
    'a PUBLISH with Packet Identifier 0',
    PROTOCOL_ERROR,
    ['32 * "a" 0000 00', '2.2.1-3'],
    ['32 * "a" 0000', '2.3.1-1'],
  ),
  both('a PUBLISH of QoS 3', MALFORMED, ['36 * "a" 0001 00', '3.3.1-4'], ['36 * "a" 0001', '3.3.1-4']),
  both('DUP on QoS 0', PROTOCOL_ERROR, ['38 * "a" 00', '3.3.1-2'], ['38 * "a"', '3.3.1-2']),
  both('a PUBLISH without a topic', MALFORMED, ['30 00', '3.3.2-1'], ['30 00', '3.3.2-1']),
  both(
    'a topic that is no UTF-8',
    MALFORMED,
    ['30 * 0002 c080 00', '3.3.2-1 1.5.4-1'],
    ['30 * 0002 c080', '3.3.2-1 1.5.3-1'],
  ),
  both(
    'a topic with U+0000',
    MALFORMED,
    ['30 * 0003 610062 00', '4.7.3-2 1.5.4-2'],
    ['30 * 0003 610062', '4.7.3-2 1.5.3-2'],
  ),
  both(
    'a topic with a wildcard',
    TOPIC_INVALID,
    ['30 * "a/+" 00', '3.3.2-2 4.7.0-1'],
    ['30 * "a/+"', '3.3.2-2 4.7.1-1'],
  ),
  only4('an empty topic', TOPIC_INVALID, '30 * ""', '4.7.3-1'),
  only5('an empty topic without an alias', PROTOCOL_ERROR, '30 * "" 00', '4.7.3-1'),
  only5('Topic Alias 0', ALIAS_INVALID, '30 * "a" 03 23 0000', '3.3.2-8'),
  only5('a Topic Alias above the maximum', ALIAS_INVALID, '30 * "a" 03 23 000b', '3.3.2-9 3.2.2-17'),
  only5('a Response Topic with a wildcard', PROTOCOL_ERROR, '30 * "a" 06 08 "r/#"', '3.3.2-14'),
  only5('a Response Topic that is no UTF-8', MALFORMED, '30 * "a" 05 08 0002 61ff', '3.3.2-13'),
  only5('a Content Type with U+0000', MALFORMED, '30 * "a" 05 03 0002 6100', '3.3.2-19 1.5.4-2'),
  only5('a user property whose name is no UTF-8', MALFORMED, '30 * "a" 07 26 0001 ff "v"', '1.5.7-1'),
  only5('a user property whose value holds U+0000', MALFORMED, '30 * "a" 07 26 "k" 0001 00', '1.5.7-1'),
  only5('a Property Length of more bytes than it needs', MALFORMED, '30 * "a" 8000', '1.5.5-1'),
  only5('a Subscription Identifier in PUBLISH', PROTOCOL_ERROR, '30 * "a" 02 0b 01', '3.3.4-6'),
  only5('a PUBACK whose reason code is of no PUBACK', PROTOCOL_ERROR, '40 03 0001 92', '3.4.2-1'),
  only5('a PUBREC whose reason code is of no PUBREC', PROTOCOL_ERROR, '50 03 0001 01', '3.5.2-1'),
  only5('a PUBREL whose reason code is of no PUBREL', PROTOCOL_ERROR, '62 03 0001 10', '3.6.2-1'),
  only5('a PUBCOMP whose reason code is of no PUBCOMP', PROTOCOL_ERROR, '70 03 0001 80', '3.7.2-1'),
  only5('a DISCONNECT whose reason code is of no DISCONNECT', PROTOCOL_ERROR, 'e0 01 84', '3.14.2-1'),
  only5('an AUTH whose reason code is of no AUTH', PROTOCOL_ERROR, 'f0 02 01 00', '3.15.2-1'),
  only5('an AUTH that nothing led to', PROTOCOL_ERROR, 'f0 00', '4.12.0-7 4.12.0-6'),
  both(
    'a packet of a server: CONNACK',
    PROTOCOL_ERROR,
    ['20 03 00 00 00', '4.13.1-1'],
    ['20 02 0000', '4.8.0-1'],
  ),
  both('a packet type that does not exist', MALFORMED, ['00 00', '4.13.1-1'], ['f0 00', '4.8.0-1']),
]
