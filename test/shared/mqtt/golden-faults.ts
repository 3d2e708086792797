/** Bytes that break the standard: what the decoder must say of each. */
import type { ProtocolLevel } from '../../../shared/mqtt/packets.ts'
import { bytes } from './bytes.ts'

export interface GoldenFault {
  readonly name: string
  readonly level: ProtocolLevel
  readonly bytes: Uint8Array
  readonly code: number
  readonly statement: string | undefined
  /** Part of the message. */
  readonly says: string
}

type Row = readonly [
  level: ProtocolLevel,
  notation: string,
  code: number,
  statement: string | undefined,
  says: string,
]

const ROWS: readonly Row[] = [
  // Fixed header
  [5, '', 0x81, undefined, 'The packet type needs 1 byte'],
  [5, '00 00', 0x81, undefined, 'Packet type 0 is reserved'],
  [4, 'f0 00', 0x81, undefined, 'MQTT 3.1.1 has no AUTH packet'],
  [5, 'c1 00', 0x81, 'MQTT-2.1.3-1', 'PINGREQ has the flags 1'],
  [4, '60 02 0001', 0x81, 'MQTT-2.2.2-1', 'PUBREL has the flags 0, but they must be 2'],
  [5, '80 * 0001 00 "a" 00', 0x81, 'MQTT-2.1.3-1', 'SUBSCRIBE has the flags 0'],
  [3, '2a 02 0000', 0x81, undefined, 'CONNACK has the flags 10'],
  [4, '6a 02 0001', 0x81, 'MQTT-2.2.2-1', 'PUBREL has the flags 10'],
  [5, 'c0 8080808001', 0x81, undefined, 'Remaining Length takes more than four bytes'],
  [5, 'c0 80', 0x81, undefined, 'Remaining Length is cut off'],
  [5, 'c0 05 00', 0x81, undefined, 'Remaining Length is 5, but 1 byte follow'],
  [5, 'c0 00 00', 0x81, undefined, 'Remaining Length is 0, but 1 byte follow'],
  [5, 'c0 01 00', 0x81, undefined, 'PINGREQ goes on for 1 more byte than'],
  [4, 'e0 01 00', 0x81, undefined, 'DISCONNECT goes on for 1 more byte than'],
  [4, '40 03 0001 00', 0x81, undefined, 'PUBACK goes on for 1 more byte than'],

  // CONNECT
  [4, '10 * "MQTX" 04 02 003c "a"', 0x84, 'MQTT-3.1.2-1', 'Protocol Name is "MQTX"'],
  [5, '10 * "MQTT" 06 02 003c 00 "a"', 0x84, 'MQTT-3.1.2-2', 'Protocol Level 6'],
  [5, '10 * "MQTT" 85 02 003c 00 "a"', 0x84, 'MQTT-3.1.2-2', 'Protocol Level 133'],
  [5, '10 * "MQTT" 03 02 003c "a"', 0x84, 'MQTT-3.1.2-2', 'Protocol Level 3 of MQTT'],
  [5, '10 * "MQIsdp" 04 02 003c "a"', 0x84, 'MQTT-3.1.2-2', 'Protocol Level 4 of MQIsdp'],
  [5, '10 * "MQTT" 04 03 003c "a"', 0x81, 'MQTT-3.1.2-3', 'reserved Connect Flag'],
  [5, '10 * "MQTT" 04 0a 003c "a"', 0x81, 'MQTT-3.1.2-13', 'Will QoS is 1, but there is no Will'],
  [5, '10 * "MQTT" 05 0a 003c 00 "a"', 0x81, 'MQTT-3.1.2-11', 'Will QoS is 1, but there is no Will'],
  [5, '10 * "MQTT" 05 22 003c 00 "a"', 0x81, 'MQTT-3.1.2-13', 'Will Retain is set, but there is no Will'],
  [5, '10 * "MQTT" 05 1e 003c 00 "a" 00 "w" ""', 0x81, 'MQTT-3.1.2-12', 'Will QoS is 3'],
  [5, '10 * "MQTT" 04 42 003c "a" "p"', 0x82, 'MQTT-3.1.2-22', 'a Password without a User Name'],
  [5, '10 * "MQTT" 05 06 003c 00 "a" 00 "w/+" ""', 0x90, 'MQTT-4.7.0-1', 'Will Topic holds the wildcard +'],
  [5, '10 * "MQTT" 04 06 003c "a" "" ""', 0x90, 'MQTT-4.7.3-1', 'Will Topic is empty'],
  [
    5,
    '10 * "MQTT" 05 02 003c',
    0x81,
    undefined,
    'Property Length needs 1 byte, but the packet ends before it',
  ],
  [5, '10 * "MQTT" 05 02 00', 0x81, undefined, 'Keep Alive needs 2 bytes, but only 1 is left'],
  [
    5,
    '10 * "MQTT" 05 82 003c 00 "a" 0005 61',
    0x81,
    undefined,
    'User Name needs 5 bytes, but only 1 is left',
  ],
  [5, '10 * "MQTT" 05 02 003c 04 16 0001 00 "a"', 0x82, undefined, 'without Authentication Method'],
  [5, '10 * "MQTT" 05 02 003c 00 "a" 00', 0x81, undefined, 'CONNECT goes on for 1 more byte than'],
  [
    5,
    '10 * "MQTT" 05 06 003c 00 "a" 02 01 01 "w" 0001 ff',
    0x99,
    undefined,
    'the payload is not valid UTF-8',
  ],

  // Strings
  [5, '30 * 0002 c080 00', 0x81, 'MQTT-1.5.4-1', 'Topic Name is not valid UTF-8'],
  [5, '30 * 0003 e08080 00', 0x81, 'MQTT-1.5.4-1', 'Topic Name is not valid UTF-8'],
  [4, '30 * 0003 eda080', 0x81, 'MQTT-1.5.3-1', 'Topic Name is not valid UTF-8'],
  [5, '30 * 0004 f4908080 00', 0x81, 'MQTT-1.5.4-1', 'Topic Name is not valid UTF-8'],
  [5, '30 * 0001 80 00', 0x81, 'MQTT-1.5.4-1', 'Topic Name is not valid UTF-8'],
  [5, '30 * 0002 61e2 00', 0x81, 'MQTT-1.5.4-1', 'Topic Name is not valid UTF-8'],
  [5, '30 * 0003 610062 00', 0x81, 'MQTT-1.5.4-2', 'Topic Name holds the null character U+0000'],
  [4, `30 * 0030 ${'61'.repeat(47)}00`, 0x81, 'MQTT-1.5.3-2', 'Topic Name holds the null character U+0000'],
  [5, '30 * 0009 6161', 0x81, undefined, 'Topic Name needs 9 bytes, but only 2 are left'],
  [5, '10 * "MQTT" 05 02 003c 00 0002 61ff', 0x81, 'MQTT-1.5.4-1', 'Client Identifier is not valid UTF-8'],

  // PUBLISH
  [5, '36 * "a" 0001 00', 0x81, 'MQTT-3.3.1-4', 'PUBLISH has QoS 3'],
  [5, '38 * "a" 00', 0x82, 'MQTT-3.3.1-2', 'DUP is set on a QoS 0 PUBLISH'],
  [5, '30 * "a/#" 00', 0x90, 'MQTT-3.3.2-2', 'Topic Name holds the wildcard #'],
  [4, '30 * "+"', 0x90, 'MQTT-3.3.2-2', 'Topic Name holds the wildcard +'],
  [4, '30 * ""', 0x90, 'MQTT-4.7.3-1', 'Topic Name is empty'],
  [5, '30 * "" 00', 0x82, undefined, 'Topic Name is empty and there is no Topic Alias'],
  [5, '32 * "a" 0000 00', 0x82, 'MQTT-2.2.1-3', 'Packet Identifier is 0'],
  [4, '32 * "a" 0000', 0x82, 'MQTT-2.3.1-1', 'Packet Identifier is 0'],
  [5, '32 * "a" 00', 0x81, undefined, 'Packet Identifier needs 2 bytes'],
  [5, '30 * "a" 02 01 01 ff', 0x99, undefined, 'the payload is not valid UTF-8'],

  // Properties
  [5, '30 * "a" 02 01 02', 0x82, undefined, 'Payload Format Indicator is 2, but must be 0 or 1'],
  [5, '30 * "a" 03 23 0000', 0x94, 'MQTT-3.3.2-8', 'Topic Alias is 0, but must not be 0'],
  [5, '30 * "a" 06 08 "a/#"', 0x82, 'MQTT-3.3.2-14', 'Response Topic holds the wildcard #'],
  [5, '30 * "a" 03 08 ""', 0x82, 'MQTT-3.3.2-14', 'Response Topic is empty'],
  [5, '30 * "a" 02 0b 00', 0x82, undefined, 'Subscription Identifier is 0'],
  [
    5,
    '30 * "a" 03 0b 8100',
    0x81,
    'MQTT-1.5.5-1',
    'Subscription Identifier takes 2 bytes where fewer would do',
  ],
  [
    5,
    '30 * "a" 06 0b 8080808001',
    0x81,
    'MQTT-1.5.5-1',
    'Subscription Identifier takes more than four bytes',
  ],
  [5, '30 * "a" 06 23 0001 23 0001', 0x82, undefined, 'Topic Alias stands more than once'],
  [5, '30 * "a" 05 11 00000000', 0x82, undefined, 'Session Expiry Interval is not allowed in PUBLISH'],
  [5, '30 * "a" 01 7f', 0x81, undefined, 'No property has the identifier 0x7F'],
  [5, '30 * "a" 01 00', 0x81, undefined, 'No property has the identifier 0x00'],
  [5, '30 * "a" 04 08 0004 61', 0x81, undefined, 'Response Topic needs 4 bytes, but only 1 is left'],
  [5, '30 * "a" 02 08 00 02 6161', 0x81, undefined, 'Response Topic needs 2 bytes, but only 1 is left'],
  [5, '30 * "a" 05 26 "k" 00', 0x81, undefined, 'User Property value needs 2 bytes'],
  [5, '30 * "a" 7f', 0x81, undefined, 'Property Length says 127, but only 0 bytes are left'],
  [5, '30 * "a" 8000', 0x81, 'MQTT-1.5.5-1', 'Property Length takes 2 bytes where fewer would do'],
  [5, '10 * "MQTT" 05 02 003c 03 21 0000 "a"', 0x82, undefined, 'Receive Maximum is 0'],
  [5, '10 * "MQTT" 05 02 003c 05 27 00000000 "a"', 0x82, undefined, 'Maximum Packet Size is 0'],
  [
    5,
    '10 * "MQTT" 05 02 003c 05 18 00000001 "a"',
    0x82,
    undefined,
    'Will Delay Interval is not allowed in CONNECT',
  ],
  [
    5,
    '10 * "MQTT" 05 06 003c 00 "a" 03 23 0001 "w" ""',
    0x82,
    undefined,
    'not allowed in the Will Properties',
  ],
  [5, '82 * 0001 04 0b 01 0b 02 "a" 00', 0x82, undefined, 'Subscription Identifier stands more than once'],
  [5, '20 * 00 00 02 24 02', 0x82, undefined, 'Maximum QoS is 2, but must be 0 or 1'],

  // Acknowledgements
  [5, '20 03 02 00 00', 0x81, 'MQTT-3.2.2-1', 'Connect Acknowledge Flags are 0x02'],
  [5, '20 03 00 01 00', 0x82, 'MQTT-3.2.2-8', 'Reason Code 0x01 is not one of CONNACK'],
  [4, '20 02 00 06', 0x82, undefined, 'Return Code 0x06 is not one of CONNACK'],
  [5, '20 02 00 00', 0x81, undefined, 'Property Length needs 1 byte'],
  [5, '40 02 0000', 0x82, 'MQTT-2.2.1-3', 'Packet Identifier is 0'],
  [5, '40 03 0001 92', 0x82, 'MQTT-3.4.2-1', 'Reason Code 0x92 is not one of PUBACK'],
  [5, '50 03 0001 01', 0x82, 'MQTT-3.5.2-1', 'not one of PUBREC'],
  [5, '62 03 0001 10', 0x82, 'MQTT-3.6.2-1', 'not one of PUBREL'],
  [5, '70 03 0001 80', 0x82, 'MQTT-3.7.2-1', 'not one of PUBCOMP'],
  [5, '90 04 0001 00 03', 0x82, 'MQTT-3.9.3-2', 'not one of SUBACK'],
  [4, '90 03 0001 03', 0x82, 'MQTT-3.9.3-2', 'not one of SUBACK'],
  [5, '90 03 0001 00', 0x81, undefined, 'SUBACK has no reason code'],
  [5, 'b0 04 0001 00 01', 0x82, 'MQTT-3.11.3-2', 'not one of UNSUBACK'],
  [4, 'b0 03 0001 00', 0x81, undefined, 'UNSUBACK goes on for 1 more byte than'],
  [5, 'e0 01 84', 0x82, 'MQTT-3.14.2-1', 'not one of DISCONNECT'],
  [5, 'f0 02 01 00', 0x82, 'MQTT-3.15.2-1', 'not one of AUTH'],
  [5, 'f0 01 18', 0x81, undefined, 'Property Length needs 1 byte'],
  [5, 'f0 * 18 04 16 0001 00', 0x82, undefined, 'without Authentication Method'],

  // SUBSCRIBE, UNSUBSCRIBE
  [5, '82 03 0001 00', 0x82, 'MQTT-3.8.3-2', 'SUBSCRIBE has no topic filter'],
  [4, '82 02 0001', 0x82, 'MQTT-3.8.3-3', 'SUBSCRIBE has no topic filter'],
  [5, '82 * 0000 00 "a" 00', 0x82, 'MQTT-2.2.1-3', 'Packet Identifier is 0'],
  [5, '82 * 0001 00 "" 00', 0x82, 'MQTT-4.7.3-1', 'Topic Filter is empty'],
  [5, '82 * 0001 00 "a"', 0x81, undefined, 'Subscription Options needs 1 byte'],
  [5, '82 * 0001 00 "a" 03', 0x81, 'MQTT-3.8.3-5', 'ask for QoS 3'],
  [5, '82 * 0001 00 "a" 40', 0x81, 'MQTT-3.8.3-5', 'reserved bits'],
  [4, '82 * 0001 "a" 04', 0x81, 'MQTT-3-8.3-4', 'reserved bits'],
  [5, '82 * 0001 00 "a" 30', 0x82, undefined, 'Retain Handling is 3'],
  [5, '82 * 0001 00 "$share/g/a" 04', 0x82, 'MQTT-3.8.3-4', 'No Local is set on a shared subscription'],
  [5, 'a2 03 0001 00', 0x82, 'MQTT-3.10.3-2', 'UNSUBSCRIBE has no topic filter'],
  [4, 'a2 * 0001 ""', 0x82, 'MQTT-4.7.3-1', 'Topic Filter is empty'],
]

export const GOLDEN_FAULTS: readonly GoldenFault[] = ROWS.map(([level, notation, code, statement, says]) => ({
  name: `${says} (${notation})`,
  level,
  bytes: bytes(notation),
  code,
  statement,
  says,
}))
