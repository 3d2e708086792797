import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { BlockWriter } from '../../../shared/pcapng/block-writer.ts'
import { LinkType } from '../../../shared/pcapng/format.ts'
import { describeWith, requireTool } from '../../support/tools.ts'
import { connack, connect, publish } from '../capture/packets.ts'
import { concat, type Frame, importBytes, importFrames, Talk } from './talk.ts'

const plain = (packets: readonly Uint8Array[]) => packets.map((packet) => Buffer.from(packet).toString('hex'))
const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const six = { client: '2001:db8::7', server: '2001:db8::1' }
const macs = '0200 0000 0001 0200 0000 0002'
const isSix = (ip: Uint8Array) => (ip[0] as number) >> 4 === 6
const etherType = (ip: Uint8Array) => (isSix(ip) ? '86dd' : '0800')

/** Name, link type, and what stands in front of an IP packet. */
const links: readonly (readonly [name: string, linkType: number, head: (ip: Uint8Array) => string])[] = [
  ['Ethernet', LinkType.ethernet, (ip) => `${macs} ${etherType(ip)}`],
  ['Ethernet with VLAN', LinkType.ethernet, (ip) => `${macs} 8100 0064 ${etherType(ip)}`],
  ['Ethernet with QinQ', LinkType.ethernet, (ip) => `${macs} 88a8 0064 8100 0065 ${etherType(ip)}`],
  [
    'PPPoE',
    LinkType.ethernet,
    (ip) =>
      `${macs} 8864 1100 0001 ${(ip.length + 2).toString(16).padStart(4, '0')} ${isSix(ip) ? '0057' : '0021'}`,
  ],
  ['raw IP', LinkType.raw, () => ''],
  ['null, little endian', LinkType.null, (ip) => (isSix(ip) ? '1e000000' : '02000000')],
  ['null, big endian', LinkType.null, (ip) => (isSix(ip) ? '0000001e' : '00000002')],
  ['loop', LinkType.loop, (ip) => (isSix(ip) ? '00000018' : '00000002')],
  ['Linux cooked', LinkType.linuxCooked, (ip) => `0000 0001 0006 0200000000010000 ${etherType(ip)}`],
  [
    'Linux cooked v2',
    LinkType.linuxCooked2,
    (ip) => `${etherType(ip)} 0000 00000001 0001 00 06 0200000000010000`,
  ],
]

const conversation = (talk: Talk) => [
  ...talk.open(),
  ...talk.send('in', connect()),
  ...talk.send('out', connack()),
  ...talk.send('in', publish('a/b', { payload: 'x'.repeat(3000) })),
  ...talk.close(),
]

const cases = links.flatMap(([name, linkType, head]) =>
  [{}, six].map((addresses) => {
    const wrap = (ip: Uint8Array) => concat(hex(head(ip)), ip)
    return [name, 'client' in addresses ? 'IPv6' : 'IPv4', linkType, wrap, addresses] as const
  }),
)

test.each(cases)('%s with %s is read', (_name, family, linkType, wrap, addresses) => {
  const frames = conversation(new Talk(addresses))
  const { of } = importFrames(frames, { linkType, wrap })
  expect(of('frame').map(({ bytes }) => bytes.length)).toEqual([connect().length, connack().length, 3009])
  const [opened] = of('opened')
  expect(opened?.facts.remoteAddress).toBe(family === 'IPv6' ? '2001:db8::7' : '192.0.2.7')
  expect(opened?.facts.localAddress).toBe(family === 'IPv6' ? '2001:db8::1' : '192.0.2.1')
})

describeWith(['tshark'], 'Wireshark', () => {
  test('takes these frames for what they are meant to be', () => {
    const writer = new BlockWriter()
    writer.section({})
    for (const [, , linkType] of cases) writer.interface({ linkType })
    for (const [i, [, , , wrap, addresses]] of cases.entries()) {
      for (const { data, time } of conversation(new Talk({ ...addresses, clientPort: 30_000 + i }))) {
        writer.packet({ sec: Math.floor(time), nsec: 0, interfaceId: i }, wrap(data))
      }
    }
    const folder = mkdtempSync(join(tmpdir(), 'oktobench-link-'))
    try {
      const file = join(folder, 'links.pcapng')
      const bytes = writer.take()
      writeFileSync(file, bytes)
      const args = ['-r', file, '-Y', 'mqtt', '-T', 'fields', '-e', 'tcp.stream', '-e', 'mqtt.msgtype']
      const output = execFileSync(requireTool('tshark'), args, {
        stdio: ['ignore', 'pipe', 'ignore'],
      }).toString()
      const lines = output.trim().split('\n')
      expect(lines).toHaveLength(cases.length * 3)
      expect(importBytes(bytes).of('frame')).toHaveLength(lines.length)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }, 60_000)
})

test('frames that hold no IP, or none that is whole, are passed over', () => {
  const talk = new Talk()
  const wraps = [
    '',
    '00',
    `${macs} 0806`,
    `${macs} 8100`,
    `${macs} 86dd 60`,
    `${macs} 0800 45`,
    `${macs} 0800 4f00`,
  ]
  const frames = wraps.map((head): Frame => ({ data: hex(head), time: (talk.time += 1) }))
  const { events } = importFrames(frames, { linkType: LinkType.ethernet })
  expect(events).toEqual([])
})

test('packets of a link that is not known are counted', () => {
  const { notes } = importFrames(conversation(new Talk()), { linkType: 147 })
  expect(notes).toEqual([
    expect.stringMatching(/^\d+ packets of link type 147, which is not known here, were left out/),
  ])
})

test('options of IPv4 and extension headers of IPv6 are passed over', () => {
  const withOptions = (ip: Uint8Array) => {
    const longer = concat(ip.subarray(0, 20), hex('0101 0101 0000 0000'), ip.subarray(20))
    longer[0] = 0x47
    new DataView(longer.buffer).setUint16(2, longer.length)
    return longer
  }
  const withExtensions = (ip: Uint8Array) => {
    // Hop-by-hop, destination options of 16 bytes, TCP.
    const extensions = hex('3c00 0104 0000 0000 0601 0104 0000 0000 0000 0000 0000 0000')
    const longer = concat(ip.subarray(0, 40), extensions, ip.subarray(40))
    longer[6] = 0
    new DataView(longer.buffer).setUint16(4, longer.length - 40)
    return longer
  }
  expect(importFrames(conversation(new Talk()), { wrap: withOptions }).of('frame')).toHaveLength(3)
  expect(importFrames(conversation(new Talk(six)), { wrap: withExtensions }).of('frame')).toHaveLength(3)
})

test('padding of short Ethernet frames is no payload', () => {
  const wrap = (ip: Uint8Array) =>
    concat(hex(`${macs} 0800`), ip, new Uint8Array(Math.max(0, 46 - ip.length)).fill(0xaa))
  const imported = importFrames(conversation(new Talk()), { linkType: LinkType.ethernet, wrap })
  expect(imported.of('frame')).toHaveLength(3)
  expect(imported.notes).toEqual([])
})

/** An IPv4 or IPv6 packet in fragments of at most `size` bytes. */
function fragments(frame: Frame, id: number, size: number): Frame[] {
  const { data } = frame
  const v6 = isSix(data)
  const header = v6 ? 40 : 20
  const body = data.subarray(header)
  if (body.length <= size) return [frame]
  const parts: Frame[] = []
  for (let at = 0; at < body.length; at += size) {
    const part = body.subarray(at, at + size)
    const more = at + size < body.length
    const extension = v6 ? new Uint8Array(8) : new Uint8Array(0)
    const packet = concat(data.subarray(0, header), extension, part)
    const view = new DataView(packet.buffer)
    if (v6) {
      packet[6] = 44
      packet[40] = 6
      view.setUint16(4, packet.length - 40)
      view.setUint16(42, at | (more ? 1 : 0))
      view.setUint32(44, id)
    } else {
      view.setUint16(2, packet.length)
      view.setUint16(4, id)
      view.setUint16(6, (at / 8) | (more ? 0x2000 : 0))
    }
    parts.push({ data: packet, time: frame.time })
  }
  return parts
}

test.each([
  ['IPv4', {}],
  ['IPv6', six],
])('fragments of %s are put together, in any order and with repetitions', (_family, addresses) => {
  const frames = conversation(new Talk(addresses))
  const cut = frames.flatMap((frame, i) => fragments(frame, i, 400))
  const mixed = frames.flatMap((frame, i) => {
    const parts = fragments(frame, i, 400)
    return [...parts.toReversed(), ...parts.slice(0, 1)]
  })
  expect(cut.length).toBeGreaterThan(frames.length + 5)
  const expected = plain(
    importFrames(frames)
      .of('frame')
      .map(({ bytes }) => bytes),
  )
  for (const some of [cut, mixed]) {
    expect(
      plain(
        importFrames(some)
          .of('frame')
          .map(({ bytes }) => bytes),
      ),
    ).toEqual(expected)
  }
})

test('a fragment that never comes is told', () => {
  const talk = new Talk()
  const frames = conversation(talk).flatMap((frame, i) => fragments(frame, i, 400).slice(0, i === 6 ? 2 : 99))
  talk.time += 100
  const again = fragments(talk.send('in', publish('c', { payload: 'y'.repeat(900) }))[0] as Frame, 6, 400)
  expect(importFrames([...frames, ...again]).notes).toContainEqual(
    expect.stringMatching(/lacked an IP fragment/),
  )
})

test('exported PDUs are read', () => {
  const tag = (type: number, value: Uint8Array) =>
    concat(Uint8Array.of(type >> 8, type & 0xff, value.length >> 8, value.length & 0xff), value)
  const pdu = (payload: Uint8Array, inbound: boolean): Frame => {
    const [client, server] = [hex('c0000207'), hex('c0000201')]
    const ports = [hex('00009c40'), hex('0000075b')] as const
    const data = concat(
      tag(12, new TextEncoder().encode('mqtt')),
      tag(20, inbound ? client : server),
      tag(21, inbound ? server : client),
      tag(24, hex('00000002')),
      tag(25, ports[inbound ? 0 : 1]),
      tag(26, ports[inbound ? 1 : 0]),
      tag(0, new Uint8Array(0)),
      payload,
    )
    return { data, time: 1_793_000_000 }
  }
  const frames = [pdu(connect(), true), pdu(connack(), false), pdu(publish('a', { payload: 'x' }), true)]
  const imported = importFrames(frames, { linkType: LinkType.upperPdu })
  expect(plain(imported.packets('in'))).toEqual(plain([connect(), publish('a', { payload: 'x' })]))
  expect(plain(imported.packets('out'))).toEqual(plain([connack()]))
  expect(imported.of('opened')).toMatchObject([{ facts: { remotePort: 40_000, listenerPort: 1883 } }])
})
