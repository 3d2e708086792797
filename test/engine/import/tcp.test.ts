import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TcpFlag } from '../../../shared/pcapng/ip-frame.ts'
import { anyPacket } from '../../shared/mqtt/arbitrary.ts'
import { bytesOf, connack, connect, publish } from '../capture/packets.ts'
import { concat, fileOf, type Frame, importBytes, importFrames, Talk, type TalkOptions } from './talk.ts'

const ping = bytesOf({ type: 'PINGREQ' })
/** Packets that tell themselves apart. */
const numbered = (count: number, size = 50) =>
  Array.from({ length: count }, (_, i) => publish(`topic/${i}`, { payload: `${i}`.padEnd(size, '.') }))

const plain = (packets: readonly Uint8Array[]) => packets.map((packet) => Buffer.from(packet).toString('hex'))

test('every packet type of every level is cut out of its stream', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(3 as const, 4 as const, 5 as const).chain((level) =>
        fc.record({
          level: fc.constant(level),
          packets: fc.array(anyPacket(level), { maxLength: 12 }),
          size: fc.integer({ min: 1, max: 300 }),
        }),
      ),
      ({ level, packets, size }) => {
        const sent = [connect({ level }), ...packets.map((packet) => bytesOf(packet, level))]
        const talk = new Talk()
        const { packets: found, of } = importFrames([
          ...talk.open(),
          ...talk.send('in', concat(...sent), size),
        ])
        expect(plain(found('in'))).toEqual(plain(sent))
        expect(of('frame').filter(({ malformed }) => malformed)).toEqual([])
      },
    ),
    { numRuns: 100 },
  )
})

test('whatever the order and the repetition of segments, the packets are the same', () => {
  const sent = { in: [connect(), ...numbered(12, 30)], out: [connack(), ...numbered(9, 80)] }
  const anyCase = fc.record({
    size: fc.integer({ min: 1, max: 200 }),
    // Across the end of the sequence numbers, or far from it.
    initial: fc.constantFrom(1000, 0xffff_ff00, 0x7fff_ff00),
    shuffle: fc.array(fc.nat({ max: 12 }), { minLength: 300, maxLength: 300 }),
    again: fc.array(fc.nat({ max: 250 }), { maxLength: 20 }),
    overlap: fc.nat({ max: 60 }),
  })
  fc.assert(
    fc.property(anyCase, ({ size, initial, shuffle, again, overlap }) => {
      const talk = new Talk({ initial: { in: initial, out: initial } })
      const opening = talk.open()
      const data: Frame[] = []
      for (const direction of ['in', 'out'] as const) {
        const bytes = concat(...sent[direction])
        const start = talk.next[direction]
        for (let at = 0; at < bytes.length; at += size) {
          const from = Math.max(0, at - overlap)
          const part = bytes.subarray(from, at + size)
          data.push(talk.frame(direction, TcpFlag.ack | TcpFlag.psh, part, (start + from) >>> 0))
        }
        talk.next[direction] = (start + bytes.length) >>> 0
      }
      const repeated = [...data, ...again.map((i) => data[i % data.length] as Frame)]
      const order = repeated.map((frame, i) => ({ frame, place: i + (shuffle[i % shuffle.length] ?? 0) }))
      const mixed = order.toSorted((a, b) => a.place - b.place).map(({ frame }) => frame)
      const imported = importFrames([...opening, ...mixed, ...talk.close()])
      expect(plain(imported.packets('in'))).toEqual(plain(sent.in))
      expect(plain(imported.packets('out'))).toEqual(plain(sent.out))
      expect(imported.of('gap')).toEqual([])
      expect(imported.notes).toEqual([])
      expect(imported.of('closed')).toHaveLength(1)
    }),
    { numRuns: 60 },
  )
})

test('a large packet spans segments', () => {
  const large = publish('large', { payload: new Uint8Array(300_000).fill(7) })
  const talk = new Talk()
  const { packets } = importFrames([
    ...talk.open(),
    ...talk.send('in', concat(connect(), large, ping), 65_000),
  ])
  expect(packets('in').map(({ length }) => length)).toEqual([connect().length, large.length, 2])
})

describe('a lost segment', () => {
  /** Frames of a connection with one segment, by its place, left out. */
  const losing = (lost: (place: number) => boolean, packets = numbered(40), size = 100) => {
    const talk = new Talk()
    const opening = [...talk.open(), ...talk.send('in', connect())]
    const data = talk.send('in', concat(...packets), size).filter((_, i) => !lost(i))
    return { talk, frames: [...opening, ...data] }
  }

  test('is a gap, and reading goes on at the next packet', () => {
    const packets = numbered(40)
    const { talk, frames } = losing((i) => i === 5, packets)
    const imported = importFrames([...frames, ...talk.close()])
    expect(imported.of('gap')).toMatchObject([{ direction: 'in', bytes: 100 }])
    const found = plain(imported.packets('in')).slice(1)
    const sent = plain(packets)
    expect(found.every((packet) => sent.includes(packet))).toBe(true)
    expect(found.length).toBeGreaterThan(35)
    expect(imported.notes).toEqual([
      expect.stringMatching(/bytes from the client were passed over up to the next/),
    ])
  })

  test('is waited for no longer than the limit says', () => {
    const { talk, frames } = losing((i) => i === 5)
    talk.time += 6
    const late = importFrames([...frames, ...talk.send('in', ping)]).events
    const gap = late.findIndex(({ kind }) => kind === 'gap')
    expect(late.slice(gap).filter(({ kind }) => kind === 'frame').length).toBeGreaterThan(30)
    const few = importFrames(frames, { limits: { maxHeldBytes: 1000 } })
    expect(few.of('gap')).toHaveLength(1)
  })

  test.each([1, 2, 3])('of each %s in ten does not stop the rest from being read', (tenths) => {
    const packets = numbered(300, 20)
    const { talk, frames } = losing((i) => i % 10 < tenths, packets, 130)
    const imported = importFrames([...frames, ...talk.close()])
    const sent = new Set(plain(packets))
    const found = plain(imported.packets('in')).slice(1)
    expect(found.filter((packet) => !sent.has(packet))).toEqual([])
    expect(found.length).toBeGreaterThan(300 * (1 - tenths / 10) * 0.6)
    expect(imported.of('frame').filter(({ malformed }) => malformed)).toEqual([])
  })

  test('that another connection could have explained leaves that one alone', () => {
    const { frames } = losing((i) => i === 0)
    const talk = new Talk({ clientPort: 40_001 })
    const others = [...talk.open(), ...talk.send('in', concat(connect(), ...numbered(5)))]
    const imported = importFrames([...frames, ...others])
    const [, second] = imported.of('opened')
    expect(imported.packets('in', second?.connection)).toHaveLength(6)
  })
})

test('a capture that begins in the middle of a connection is read from the next packet on', () => {
  for (const options of [{}, { serverPort: 11_883 }] satisfies TalkOptions[]) {
    const talk = new Talk(options)
    const packets = numbered(10)
    const cut = concat(...packets).subarray(30)
    const imported = importFrames([...talk.send('in', cut, 90), ...talk.send('out', concat(...packets))])
    expect(plain(imported.packets('in'))).toEqual(plain(packets.slice(1)))
    expect(plain(imported.packets('out'))).toEqual(plain(packets))
    expect(imported.of('opened')).toMatchObject([{ facts: { remotePort: 40_000 } }])
  }
})

test('without a SYN the level is found out, and taught', () => {
  const talk = new Talk()
  const packets = Array.from({ length: 8 }, (_, i) =>
    publish(`topic/${i}`, { payload: 'a payload that is no property', level: 4 }),
  )
  const imported = importFrames(talk.send('out', concat(...packets)))
  expect(plain(imported.packets('out'))).toEqual(plain(packets))
  const lesson = imported.of('frame').find(({ no }) => no === 0)
  expect(lesson?.bytes.slice(4, 9)).toEqual(Uint8Array.of(0x4d, 0x51, 0x54, 0x54, 4))
  expect(imported.of('frame').filter(({ malformed }) => malformed)).toEqual([])
})

test('a CONNECT tells who is the client, whatever the ports say', () => {
  const talk = new Talk({ clientPort: 5000, serverPort: 50_000 })
  const imported = importFrames([...talk.send('in', connect()), ...talk.send('out', connack())])
  expect(imported.of('opened')).toMatchObject([{ facts: { remotePort: 5000, listenerPort: 50_000 } }])
  expect(plain(imported.packets('in'))).toEqual(plain([connect()]))
  expect(plain(imported.packets('out'))).toEqual(plain([connack()]))
})

describe('the end of a connection', () => {
  const opened = (talk: Talk, ...more: Uint8Array[]) => [
    ...talk.open(),
    ...talk.send('in', concat(connect(), ...more)),
  ]
  const disconnect = bytesOf({ type: 'DISCONNECT', reasonCode: 0, properties: [] })

  test('tells who ended it', () => {
    const device = new Talk({ clientPort: 1 })
    const bench = new Talk({ clientPort: 2 })
    const network = new Talk({ clientPort: 3 })
    const reset = new Talk({ clientPort: 4 })
    const { of } = importFrames([
      ...opened(device, disconnect),
      ...device.close(),
      ...opened(bench),
      ...bench.send('out', disconnect),
      ...bench.close('out'),
      ...opened(network),
      ...network.close(),
      ...opened(reset),
      reset.reset(),
    ])
    expect(of('closed').map(({ facts }) => facts)).toEqual([
      { by: 'device', reason: '', probe: false },
      { by: 'bench', reason: '', probe: false },
      { by: 'network', reason: '', probe: false },
      { by: 'network', reason: 'connection reset', probe: false },
    ])
  })

  test('a connection still open when the file ends is not told to be closed', () => {
    const talk = new Talk()
    expect(importFrames(opened(talk)).of('closed')).toEqual([])
  })

  test('the same ports used anew are another connection', () => {
    const first = new Talk({ initial: { in: 1, out: 1 } })
    const second = new Talk({ initial: { in: 900_000, out: 7 } })
    const third = new Talk({ initial: { in: 5, out: 7 } })
    const frames = [
      ...opened(first),
      ...opened(second),
      ...second.close(),
      ...opened(third),
      ...third.close(),
    ]
    const { of, packets } = importFrames(frames)
    expect(of('opened').map(({ connection }) => connection)).toEqual([1, 2, 3])
    expect(of('closed').map(({ connection, facts }) => [connection, facts.reason])).toEqual([
      [1, 'the same ports were used anew'],
      [2, ''],
      [3, ''],
    ])
    expect(packets('in')).toHaveLength(3)
  })

  test('a SYN that comes again is the same connection', () => {
    const talk = new Talk()
    const frames = opened(talk)
    const { of } = importFrames([frames[0] as Frame, frames[0] as Frame, ...frames])
    expect(of('opened')).toHaveLength(1)
  })
})

test('connections without a byte are probes where MQTT is spoken, and nothing elsewhere', () => {
  const silent = (serverPort: number, clientPort: number) => {
    const talk = new Talk({ serverPort, clientPort })
    return [...talk.open(), ...talk.close()]
  }
  const talk = new Talk({ serverPort: 11_883 })
  const { of } = importFrames([
    ...silent(1883, 1),
    ...silent(11_883, 2),
    ...silent(80, 3),
    ...talk.open(),
    ...talk.send('in', connect()),
    ...silent(11_883, 4),
  ])
  expect(of('closed').map(({ facts }) => facts.probe)).toEqual([true, true, true])
  expect(of('opened').map(({ facts }) => facts.remotePort)).toEqual([1, 2, 40_000, 4])
})

test('MQTT is found on any port, and other protocols are passed over', () => {
  const http = new Talk({ serverPort: 80, clientPort: 1 })
  const ssh = new Talk({ serverPort: 22, clientPort: 2 })
  const mqtt = new Talk({ serverPort: 54_321, clientPort: 3 })
  const text = (value: string) => new TextEncoder().encode(value)
  const { of } = importFrames([
    ...http.open(),
    ...http.send('in', text('GET / HTTP/1.1\r\nHost: a\r\n\r\n')),
    ...http.send('out', text('HTTP/1.1 200 OK\r\n\r\n')),
    ...http.close(),
    ...ssh.open(),
    ...ssh.send('out', text('SSH-2.0-x\r\n')),
    ...ssh.send('in', text('SSH-2.0-y\r\n')),
    ...mqtt.open(),
    ...mqtt.send('in', connect(), 3),
  ])
  expect(of('opened')).toMatchObject([{ facts: { listenerPort: 54_321 } }])
  expect(of('frame')).toHaveLength(1)
})

test('what is no MQTT on a port of MQTT is a malformed row', () => {
  const talk = new Talk()
  const garbage = Uint8Array.of(0, 1, 2, 3)
  const { of } = importFrames([...talk.open(), ...talk.send('in', garbage), ...talk.close()])
  expect(of('frame')).toMatchObject([{ malformed: true, bytes: garbage }])
})

test('a packet that the standard does not allow is malformed, and the next one is read', () => {
  const talk = new Talk()
  const bad = Uint8Array.of(0x32, 5, 0, 1, 0x23, 0, 1)
  const { of } = importFrames([...talk.open(), ...talk.send('in', concat(connect(), bad, ping))])
  expect(of('frame').map(({ malformed }) => malformed)).toEqual([false, true, false])
})

test('bytes that come again in another form are noted, and the first ones are shown', () => {
  const talk = new Talk()
  const sent = publish('a', { payload: 'first' })
  const forged = publish('a', { payload: 'other' })
  const frames = [...talk.open(), ...talk.send('in', connect())]
  const start = talk.next.in
  frames.push(
    ...talk.send('in', sent),
    talk.frame('in', TcpFlag.ack, forged, start),
    ...talk.send('in', ping),
  )
  const imported = importFrames(frames)
  expect(plain(imported.packets('in'))).toEqual(plain([connect(), sent, ping]))
  expect(imported.notes).toEqual([expect.stringMatching(/came again were not the same/)])
})

test('what is left over at the end is told', () => {
  const torn = new Talk({ clientPort: 1 })
  const lost = new Talk({ clientPort: 2 })
  const imported = importFrames([
    ...torn.open(),
    ...torn.send('in', concat(connect(), publish('a', { payload: 'b' }).subarray(0, 4))),
    ...torn.close(),
    ...lost.open(),
    ...lost.send('in', concat(connect(), Uint8Array.of(0))),
    ...lost.send('in', Uint8Array.of(1, 2, 3)),
  ])
  expect(imported.notes).toEqual([
    'The last 4 bytes from the client are a packet without its end.',
    '3 bytes from the client hold no MQTT packet that could be found.',
  ])
})

test('keep-alive probes of TCP change nothing', () => {
  const talk = new Talk()
  const frames = [...talk.open(), ...talk.send('in', connect())]
  const probe = talk.frame('in', TcpFlag.ack, Uint8Array.of(0), (talk.next.in - 1) >>> 0)
  const imported = importFrames([...frames, probe, ...talk.send('in', ping)])
  expect(imported.packets('in')).toHaveLength(2)
  expect(imported.notes).toEqual([])
})

test('frames that were cut by the capture leave gaps', () => {
  const talk = new Talk()
  const packets = numbered(60, 60)
  const cut = (frame: Frame): Frame => ({ ...frame, data: frame.data.subarray(0, 90) })
  const opening = [...talk.open(), ...talk.send('in', connect())]
  const data = talk.send('in', concat(...packets), 200)
  const whole = fileOf([...opening, ...data])
  const frames = [...opening, ...data.map((frame, i) => (i % 5 === 1 ? cut(frame) : frame))]
  const lengths = [...opening, ...data].map((frame) => frame.data.length)
  const imported = importBytes(fileOf(frames, { originalLengths: lengths }))
  expect(importBytes(whole).of('gap')).toEqual([])
  expect(imported.of('gap').length).toBeGreaterThan(3)
  const sent = new Set(plain([connect(), ...packets]))
  const found = plain(imported.packets('in'))
  expect(found.filter((packet) => !sent.has(packet))).toEqual([])
  expect(found.length).toBeGreaterThan(30)
})

describe('limits', () => {
  test('a packet that is too large is left out, and the next one is read', () => {
    const talk = new Talk()
    const large = publish('large', { payload: new Uint8Array(50_000) })
    const frames = [...talk.open(), ...talk.send('in', concat(connect(), large, ping))]
    const imported = importFrames(frames, { limits: { maxPacketBytes: 10_000 } })
    expect(plain(imported.packets('in'))).toEqual(plain([connect(), ping]))
    expect(imported.notes).toEqual([expect.stringMatching(/A packet of \d+ bytes was left out/)])
  })

  test('no more connections are followed than allowed, and it is told', () => {
    const frames = Array.from({ length: 50 }, (_, i) => {
      const talk = new Talk({ clientPort: 2000 + i })
      return [...talk.open(), ...talk.send('in', connect())]
    }).flat()
    const imported = importFrames(frames, { limits: { maxConnections: 10 } })
    expect(imported.of('opened')).toHaveLength(50)
    expect(imported.notes).toEqual([expect.stringMatching(/connections were let go of/)])
  })

  test('what waits in all is bounded', () => {
    const frames: Frame[] = []
    for (let i = 0; i < 20; i++) {
      const talk = new Talk({ clientPort: 2000 + i })
      const [, ...rest] = talk.send('in', concat(connect(), ...numbered(500)), 1000)
      frames.push(...new Talk({ clientPort: 2000 + i, initial: { in: 999, out: 0 } }).open(), ...rest)
    }
    const imported = importFrames(frames, { limits: { maxHeldTotal: 50_000 } })
    expect(imported.of('gap').length).toBeGreaterThan(0)
  })
})

test('bytes that waited for others are compared as well when they come again', () => {
  const talk = new Talk()
  const frames = [...talk.open(), ...talk.send('in', connect())]
  const start = talk.next.in
  const [first, second] = [publish('a', { payload: 'first' }), publish('a', { payload: 'second' })]
  const early = talk.frame('in', TcpFlag.ack, second, start + first.length)
  frames.push(early, ...talk.send('in', first), ...talk.send('in', second))
  const forged = talk.frame('in', TcpFlag.ack, publish('a', { payload: 'forged' }), start + first.length)
  expect(importFrames(frames).notes).toEqual([])
  const imported = importFrames([...frames, forged])
  expect(plain(imported.packets('in'))).toEqual(plain([connect(), first, second]))
  expect(imported.notes).toEqual([expect.stringMatching(/came again were not the same/)])
})
