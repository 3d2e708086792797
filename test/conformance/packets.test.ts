/** Every packet of `packets.ts`, and every fault that the codec knows, sent to the broker. */
import { describe, expect, test } from 'vitest'
import { encodePacket } from '../../shared/mqtt/encode.ts'
import { frameLength, PACKET_TYPES } from '../../shared/mqtt/frame.ts'
import { bytes } from '../shared/mqtt/bytes.ts'
import { GOLDEN_FAULTS } from '../shared/mqtt/golden-faults.ts'
import { BAD_CONNECTS, BAD_PACKETS, idsOf, type BadPacket } from './packets.ts'
import { cutOff, endedBy, openScene, publishPacket, receive, text, watch, type Level } from './rig.ts'
import { shows } from './shows.ts'

const VERSION = { 4: '3.1.1', 5: '5.0' } as const
const packetOf = ({ in: versions }: BadPacket, level: Level): Uint8Array =>
  bytes(versions[VERSION[level]]?.[0] ?? '')

describe('a CONNECT with a fault is refused', () => {
  for (const bad of BAD_CONNECTS) {
    shows(bad.says, idsOf(bad), async ({ connect, level }) => {
      const client = await connect()
      client.bytes(packetOf(bad, level))
      if (level === 5) {
        const { reasonCode, sessionPresent } = await client.next('CONNACK')
        expect({ reasonCode, sessionPresent }).toEqual({ reasonCode: bad.code, sessionPresent: false })
      }
      await cutOff(client)
    })
  }
})

describe('a packet with a fault ends its connection, and no other', () => {
  for (const bad of BAD_PACKETS) {
    shows(bad.says, idsOf(bad), async (scene) => {
      const watcher = await watch(scene, '#')
      const client = await scene.join('bad')
      client.bytes(packetOf(bad, scene.level))
      await endedBy(client, bad.code)
      await watcher.ping()
    })
  }
})

shows(
  'what came before it in the same breath is worked on',
  { '5.0': '4.13.1-1', '3.1.1': '4.8.0-1' },
  async (scene) => {
    const watcher = await watch(scene, '#')
    const client = await scene.join('bad')
    client.bytes(encodePacket(publishPacket('t', 'good'), scene.level), 'c100')
    await endedBy(client, 0x81)
    expect(text(await receive(watcher))).toBe('good')
  },
)

/**
 * Faults that a client can send: whole packets, of types that do not belong to servers. An unknown protocol is
 * answered in the nearest one that the bench speaks (`connect.test.ts`), and whether a payload is UTF-8 the
 * bench does not check, as it may not (3.3.2.3.2).
 */
const SENT_BY_SERVERS = new Set(['CONNACK', 'SUBACK', 'UNSUBACK', 'PINGRESP'])
const LEFT_OUT = new Set([0x84, 0x99])
const sendable = GOLDEN_FAULTS.filter(({ bytes: packet, level, code }) => {
  const length = frameLength(packet, 0, packet.length)
  const type = PACKET_TYPES[(packet[0] ?? 0) >> 4] ?? ''
  const whole = length < 0 || (length > 0 && length === packet.length)
  return level !== 3 && whole && !LEFT_OUT.has(code) && !SENT_BY_SERVERS.has(type)
})

test('every fault that the codec knows ends the connection with its reason code', async () => {
  for (const level of [4, 5] as const) {
    const scene = await openScene(level)
    for (const fault of sendable.filter((candidate) => candidate.level === level)) {
      const isConnect = (fault.bytes[0] ?? 0) >> 4 === 1
      const client = isConnect ? await scene.connect() : await scene.join('bad')
      client.bytes(fault.bytes)
      await client.closed
      // A CONNECT says its level itself.
      const spoken = isConnect ? fault.bytes[8] : level
      const answer = spoken === 5 ? [isConnect ? 'CONNACK' : 'DISCONNECT', fault.code] : []
      const said = client.received.slice(isConnect ? 0 : 1)
      const seen = said.flatMap((packet) => [packet.type, 'reasonCode' in packet && packet.reasonCode])
      expect(seen, fault.name).toEqual(answer)
    }
    await scene.bench.close()
  }
})
