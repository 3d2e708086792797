import { describe, expect, it } from 'vitest'
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import type { ProtocolLevel } from '../../../shared/mqtt/packets.ts'
import { summarize } from '../../../shared/mqtt/summary.ts'
import { bytes } from './bytes.ts'
import { GOLDEN } from './golden.ts'

const ofGolden = (name: string): string => {
  const found = GOLDEN.find((golden) => golden.name === name)
  if (found === undefined) throw new Error(`no golden packet ${name}`)
  return summarize(found.packet, found.level)
}

describe('summarize', () => {
  it.each([
    [
      'OB-USP-A CONNECT 5.0',
      'MQTT 5.0 · clean start · keep-alive 60 · usp-endpoint-id os::00256D-TOUR5 · Request Response Information yes · receive max 20',
    ],
    ['CONNECT 3.1.1 of a bridge', 'MQTT 3.1.1 bridge · keep-alive off'],
    [
      'CONNECT 3.1.1 with Will',
      'MQTT 3.1.1 · clean session · keep-alive 60 · user u · will w/t QoS 1 retain',
    ],
    ['OB-USP-A SUBSCRIBE 5.0', 'QoS 0 · mid 1 · usp-endpoint-id os::00256D-TOUR5'],
    [
      'OB-USP-A Connect Record 5.0',
      'QoS 1 · mid 2 · Response Topic oktopus/usp/v1/agent/os::00256D-TOUR5 · 85 bytes',
    ],
    ['PUBLISH 3.1.1 QoS 2, DUP, RETAIN, empty', 'QoS 2 · mid 65535 · dup · retain · 0 bytes'],
    ['DISCONNECT 5.0 with properties', 'Server moved · Server Reference h:1 · Reason String moved away'],
    ['DISCONNECT 3.1.1', ''],
    ['PINGREQ', ''],
  ])('%s', (name, line) => {
    expect(ofGolden(name)).toBe(line)
  })

  const cases: readonly (readonly [string, ProtocolLevel, string])[] = [
    ['20 * 00 00 19 26 "subscribe-topic" "a/b/c"', 5, 'Success · session present no · subscribe-topic a/b/c'],
    ['20 02 00 05', 4, 'Connection Refused, not authorized · session present no'],
    ['20 02 00 00', 3, 'Connection Accepted'],
    ['82 * 0001 "a" 00', 4, 'QoS 0 · mid 1'],
    [
      '82 * 0001 00 "a" 00 "b" 2d',
      5,
      'a QoS 0 · b QoS 1 no local retain as published retain handling 2 · mid 1',
    ],
    ['90 03 0001 00', 4, 'granted QoS 0 · mid 1'],
    ['90 05 0001 00 01 87', 5, 'granted QoS 1 · Not authorized · mid 1'],
    ['a2 * 0002 00 "a"', 5, 'mid 2'],
    ['a2 * 0002 "a" "b"', 4, 'a · b · mid 2'],
    ['b0 04 0002 00 11', 5, 'No subscription existed · mid 2'],
    ['40 02 0003', 5, 'Success · mid 3'],
    ['40 02 0003', 4, 'mid 3'],
    ['40 03 0003 10', 5, 'No matching subscribers · mid 3'],
    ['e0 01 8e', 5, 'Session taken over'],
    [
      'f0 * 18 0a 15 "M" 16 0003 010203',
      5,
      'Continue authentication · authentication M · Authentication Data 3 bytes',
    ],
    [
      '30 * "" 0f 23 0005 02 0000000a 09 0002 0102 0b 07 01',
      5,
      'QoS 0 · topic alias 5 · expiry 10 s · correlation 2 bytes · subscription ID 7 · 1 byte',
    ],
    [
      '10 * "MQTT" 05 02 0000 0a 11 ffffffff 27 00000400 ""',
      5,
      'MQTT 5.0 · clean start · keep-alive off · session expiry never · max packet 1024 bytes',
    ],
  ]
  it.each(cases)('%s at level %i', (notation, level, line) => {
    expect(summarize(decodePacket(bytes(notation), level), level)).toBe(line)
  })
})
