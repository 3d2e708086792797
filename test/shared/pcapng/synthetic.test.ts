import fc from 'fast-check'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PacketNote } from '../../../shared/contract/model.ts'
import { encodePacket } from '../../../shared/mqtt/encode.ts'
import type { Properties } from '../../../shared/mqtt/packets.ts'
import {
  type ClosedFacts,
  formatVersion,
  isReadable,
  type OpenedFacts,
} from '../../../shared/pcapng/facts.ts'
import type { CaptureItem, Time } from '../../../shared/pcapng/format.ts'
import { aliasLesson, completePacket, connectLesson } from '../../../shared/pcapng/lessons.ts'
import { estimateSpan, NativeReader, readPayload } from '../../../shared/pcapng/native-reader.ts'
import { type Remarks, SyntheticWriter } from '../../../shared/pcapng/synthetic.ts'
import { describeWith, requireTool } from '../../support/tools.ts'
import { ofKind, readAll } from './files.ts'

const section = { application: 'Oktobench test' }
const tcp = (id: number, port = 40_000 + id): OpenedFacts => ({
  transport: 'tcp',
  listenerPort: 1883,
  remoteAddress: '192.168.1.7',
  remotePort: port,
  localAddress: '192.168.1.2',
})
const at = (sec: number): Time => ({ sec: 1_793_000_000 + sec, nsec: 123_456_789 })
const connect = (clientId: string) =>
  encodePacket({ type: 'CONNECT', level: 5, clean: true, keepAlive: 60, clientId, properties: [] }, 5)
const connack = encodePacket({ type: 'CONNACK', sessionPresent: false, reasonCode: 0, properties: [] }, 5)
const publish = (topic: string, size: number, properties: Properties = []) =>
  encodePacket(
    {
      type: 'PUBLISH',
      dup: false,
      qos: 0,
      retain: false,
      topic,
      properties,
      payload: new Uint8Array(size).fill(0x41),
    },
    5,
  )
const byDevice: ClosedFacts = { by: 'device', reason: '', probe: false }

type Told = readonly [what: string, ...facts: unknown[]]

/** Everything that a native file tells, in order. */
function readNative(file: Uint8Array): Told[] {
  const told: Told[] = []
  const plain = ({ sec, nsec }: Time) => ({ sec, nsec })
  const reader = new NativeReader({
    opened: (connection, facts, continued) => told.push(['opened', connection, facts, continued]),
    frame(no, time, connection, direction, malformed, bytes, offset) {
      if (no !== 0) expect(readPayload(file.subarray(offset), bytes.length)).toEqual(bytes)
      told.push(['frame', no, plain(time), connection, direction, malformed, bytes.slice()])
    },
    note: (no, note) => told.push(['note', no, note]),
    marked: (no) => told.push(['marked', no]),
    closed: (no, time, connection, facts) => told.push(['closed', no, plain(time), connection, facts]),
    problem: (text) => told.push(['problem', text]),
  })
  for (const item of readAll(file, 10_000)) reader.take(item)
  reader.end()
  return told
}

const note: PacketNote = { kind: 'refused', rule: 'access', text: 'No rule allows "x" – ü', reasonCode: 135 }

test('a file says that it is ours, and in which format', () => {
  const items: CaptureItem[] = readAll(
    new SyntheticWriter({ section: { ...section, comments: ['mine'] } }).take(),
  )
  const [header] = ofKind(items, 'section')
  expect(header?.application).toBe('Oktobench test')
  const version = formatVersion(header?.comments ?? [])
  expect(version !== undefined && isReadable(version)).toBe(true)
  expect(formatVersion(['something else'])).toBeUndefined()
  expect(isReadable(2)).toBe(false)
})

test('rows, remarks and ends are read back as they were told', () => {
  const writer = new SyntheticWriter({ section })
  const expected: Told[] = []
  const frame = (
    no: number,
    connection: number,
    direction: 'in' | 'out',
    bytes: Uint8Array,
    remarks: Remarks = {},
  ) => {
    writer.frame(no, at(no), connection, direction, bytes, remarks)
    expected.push(['frame', no, at(no), connection, direction, remarks.malformed === true, bytes])
    for (const one of remarks.notes ?? []) expected.push(['note', no, one])
  }
  const open = (connection: number, facts: OpenedFacts) => {
    writer.opened(at(0), connection, facts)
    expected.push(['opened', connection, facts, false])
  }
  const close = (no: number, connection: number, facts: ClosedFacts) => {
    writer.closed(no, at(no), connection, facts)
    expected.push(['closed', no, at(no), connection, facts])
  }
  open(1, tcp(1))
  frame(5, 1, 'in', connect('cpe'))
  writer.identified(1, { clientId: 'cpe', endpointId: 'os::1' })
  frame(6, 1, 'out', connack, { notes: [note, { kind: 'changed', rule: 'x', text: '' }] })
  // Nine segments, and remarks that no comment can hold.
  const long = { ...note, text: 'x'.repeat(70_000) }
  writer.frame(7, at(7), 1, 'in', publish('a', 555_555), { notes: [long] })
  expected.push(['frame', 7, at(7), 1, 'in', false, publish('a', 555_555)])
  const shown = `${'x'.repeat(8000)}… (70000 characters in all)`
  expected.push(['note', 7, { ...note, text: shown }])
  open(2, {
    ...tcp(2),
    transport: 'ws',
    listenerPort: 8083,
    remoteAddress: 'fe80::7%eth0',
    localAddress: 'fe80::1',
  })
  frame(8, 2, 'in', Uint8Array.of(0xff, 1), { malformed: true, notes: [note] })
  frame(9, 2, 'in', new Uint8Array(0), { malformed: true })
  writer.note(8, note)
  expected.push(['note', 8, note])
  close(10, 2, { by: 'bench', reason: 'malformed packet', probe: false })
  open(3, { ...tcp(1), transport: 'ws', listenerPort: 8083 })
  close(11, 3, { by: 'network', reason: '', probe: true })
  close(12, 1, byDevice)
  expect(readNative(writer.take())).toEqual(expected)
})

test('a new segment tells what goes on in it, and nothing of what does not', () => {
  const lessons = [
    connectLesson({ level: 5, clientId: 'cpe', username: 'u', statedEndpointId: 'os::1' }),
    aliasLesson('in', 3, 'a/b'),
  ]
  const writer = new SyntheticWriter({ section, lessons: (connection) => (connection === 1 ? lessons : []) })
  for (const id of [1, 2, 3]) writer.opened(at(id), id, tcp(id))
  writer.frame(1, at(1), 1, 'in', connect('cpe'))
  expect(writer.rotate().length).toBeGreaterThan(0)
  writer.closed(0, at(2), 2, byDevice)
  const offset = writer.frame(2, at(2), 1, 'in', publish('', 5, [{ name: 'topicAlias', value: 3 }]))
  const told = readNative(writer.take())
  expect(told.map(([what, ...rest]) => [what, rest[0]])).toEqual([
    ['opened', 1],
    ['frame', 0],
    ['frame', 0],
    ['frame', 2],
  ])
  expect(told[0]).toEqual(['opened', 1, tcp(1), true])
  expect(offset).toBeGreaterThan(0)
})

test('a packet to be learned from may lack its end', () => {
  const whole = publish('a/b', 300, [{ name: 'topicAlias', value: 7 }])
  const head = whole.subarray(0, -300)
  expect(completePacket(head)).toEqual(publish('a/b', 0, [{ name: 'topicAlias', value: 7 }]))
  expect(completePacket(whole)).toEqual(whole)
  expect(completePacket(whole.subarray(0, 1))).toBeUndefined()
  const writer = new SyntheticWriter({ section })
  writer.opened(at(0), 1, tcp(1))
  writer.frame(0, at(0), 1, 'in', head)
  expect(readNative(writer.take())[1]).toEqual(['frame', 0, at(0), 1, 'in', false, completePacket(head)])
})

test('connections that differ in the listener alone stay apart', () => {
  const writer = new SyntheticWriter({ section })
  writer.opened(at(0), 1, tcp(1, 65_535))
  writer.opened(at(0), 2, { ...tcp(2, 65_535), transport: 'ws', listenerPort: 8083 })
  writer.frame(1, at(1), 1, 'in', connect('one'))
  writer.frame(2, at(2), 2, 'in', connect('two'))
  const frames = readNative(writer.take()).filter(([what]) => what === 'frame')
  expect(frames.map(([, no, , connection]) => [no, connection])).toEqual([
    [1, 1],
    [2, 2],
  ])
})

test('the bytes of a packet are found again at its offset, however much of the file is given at first', () => {
  const writer = new SyntheticWriter({ section })
  writer.opened(at(0), 1, tcp(1))
  for (const size of [0, 100, 65_480, 65_495, 65_600, 300_000]) {
    const packet = publish('t', size)
    const offset = writer.frame(size + 1, at(1), 1, 'in', packet, { notes: [note] })
    writer.frame(1, at(1), 1, 'out', connack)
    const file = writer.take()
    const base = writer.size - file.length
    const rest = file.subarray(offset - base)
    expect(readPayload(rest.subarray(0, estimateSpan(packet.length)), packet.length)).toEqual(packet)
    let given = 1
    for (let answer = readPayload(rest.subarray(0, given), packet.length); typeof answer === 'number';) {
      expect(answer).toBeGreaterThan(given)
      given = answer
      answer = readPayload(rest.subarray(0, given), packet.length)
    }
    expect(readPayload(rest.subarray(0, given), packet.length)).toEqual(packet)
    expect(() => readPayload(rest, packet.length + 1)).toThrow(RangeError)
  }
})

test('a native file that was damaged never throws, and its reader holds no more than it was given', () => {
  const writer = new SyntheticWriter({ section })
  writer.opened(at(0), 1, tcp(1))
  writer.frame(1, at(1), 1, 'in', connect('one'), { notes: [note] })
  writer.frame(2, at(1), 1, 'in', publish('a', 70_000))
  writer.closed(3, at(2), 1, byDevice)
  const file = writer.take()
  const damage = fc.array(fc.tuple(fc.nat({ max: file.length - 1 }), fc.nat({ max: 255 })), {
    minLength: 1,
    maxLength: 9,
  })
  const early = fc.tuple(fc.nat({ max: 600 }), fc.nat({ max: 255 }))
  const ignore = () => undefined
  fc.assert(
    fc.property(damage, fc.array(early, { maxLength: 4 }), (late, soon) => {
      const damaged = file.slice()
      for (const [place, value] of [...late, ...soon]) damaged[place] = value
      let bytes = 0
      const frame = (...args: readonly unknown[]) => (bytes += (args[5] as Uint8Array).length)
      const reader = new NativeReader({
        opened: ignore,
        frame,
        note: ignore,
        marked: ignore,
        closed: ignore,
        problem: ignore,
      })
      for (const item of readAll(damaged, 4096)) reader.take(item)
      reader.end()
      expect(bytes).toBeLessThanOrEqual(file.length)
    }),
    { numRuns: 200 },
  )
})

describeWith(['tshark'], 'Wireshark', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'oktobench-pcapng-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const tshark = (file: string, ...args: string[]) =>
    execFileSync(requireTool('tshark'), ['-r', file, '-n', ...args], {
      stdio: ['ignore', 'pipe', 'ignore'],
    }).toString()
  const fields = (file: string, filter: string, ...names: string[]) =>
    tshark(file, '-Y', filter, '-T', 'fields', ...names.flatMap((name) => ['-e', name]))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\t'))

  /** Two segments with everything that may happen; answers their files. */
  function recorded(): [string, string] {
    const lessons = [connectLesson({ level: 5, clientId: 'cpe1' }), aliasLesson('in', 3, 'alias/topic')]
    const writer = new SyntheticWriter({ section, lessons: () => lessons })
    const six = {
      ...tcp(2),
      transport: 'ws',
      listenerPort: 8083,
      remoteAddress: 'fe80::7%e0',
      localAddress: 'fe80::1',
    }
    writer.opened(at(0), 1, { ...tcp(1), remoteAddress: '::ffff:192.168.1.7' })
    writer.opened(at(0), 2, six as OpenedFacts)
    let no = 0
    for (const id of [1, 2]) {
      writer.frame(++no, at(no), id, 'in', connect(`cpe${id}`))
      writer.identified(id, { clientId: `cpe${id}`, endpointId: `os::${id}` })
      writer.frame(++no, at(no), id, 'out', connack, { notes: [note] })
      writer.frame(++no, at(no), id, 'in', publish('alias/topic', 9, [{ name: 'topicAlias', value: 3 }]))
      for (const size of [1, 127, 128, 65_400, 65_500, 200_001]) {
        writer.frame(++no, at(no), id, size % 2 ? 'in' : 'out', publish('t', size))
      }
      writer.note(no, note)
    }
    writer.opened(at(no), 3, tcp(3))
    writer.closed(++no, at(no), 3, { by: 'network', reason: '', probe: true })
    writer.closed(++no, at(no), 2, { by: 'bench', reason: 'kicked', probe: false })
    // Another connection from the same address and port, as a device that reconnects makes it.
    writer.opened(at(no), 4, tcp(3))
    writer.frame(++no, at(no), 4, 'in', connect('again'))
    writer.closed(++no, at(no), 4, byDevice)
    const first = join(folder, 'first.pcapng')
    writeFileSync(first, writer.rotate())
    writer.frame(++no, at(no), 1, 'in', publish('', 5, [{ name: 'topicAlias', value: 3 }]))
    writer.closed(++no, at(no), 1, byDevice)
    const second = join(folder, 'second.pcapng')
    writeFileSync(second, writer.take())
    return [first, second]
  }

  test('reads every packet with its number, and finds nothing to complain of', () => {
    for (const file of recorded()) {
      const expert = tshark(file, '-q', '-z', 'expert,chat')
      expect(expert).not.toMatch(/^(Errors|Warns)/m)
      const remarks = expert.match(/^ +\d+ +\w+ +\w+ {2}.*$/gm) ?? []
      const allowed =
        /Connection (establish|finish)|connection closing|Frame {2}oktobench|same ports as an earlier/
      expect(remarks.length).toBeGreaterThan(0)
      expect(remarks.filter((line) => !allowed.test(line))).toEqual([])
      expect(fields(file, 'mqtt && _ws.malformed', 'frame.number')).toEqual([])
    }
  }, 60_000)

  test('sees checksums that are right', () => {
    const [file] = recorded()
    const checked = tshark(
      file,
      '-o',
      'tcp.check_checksum:TRUE',
      '-o',
      'ip.check_checksum:TRUE',
      '-T',
      'fields',
      '-e',
      'ip.checksum.status',
      '-e',
      'tcp.checksum.status',
    )
    const statuses = new Set(checked.trim().split('\n'))
    expect(statuses).toEqual(new Set(['1\t1', '\t1']))
  }, 60_000)

  test('dissects the packets of both segments alone, aliases included', () => {
    const [first, second] = recorded()
    const types = (file: string) =>
      fields(file, 'mqtt && frame.packet_id', 'frame.packet_id', 'mqtt.msgtype', 'mqtt.len')
    // 2 × (CONNECT, CONNACK, PUBLISH with alias, 6 PUBLISH) and the CONNECT of who came again.
    expect(types(first)).toHaveLength(19)
    expect(types(first).filter(([, type]) => type === '3')).toHaveLength(14)
    expect(types(first).map(([id]) => Number(id))).toEqual([
      ...Array.from({ length: 18 }, (_, i) => i + 1),
      21,
    ])
    const [row] = fields(second, 'frame.packet_id == 23', 'mqtt.topic', 'mqtt.ver', 'frame.p2p_dir')
    expect(row?.[0]).toBe('alias/topic')
  }, 60_000)

  test('follows a connection, and shows comments, interfaces and names', () => {
    const [file] = recorded()
    const followed = tshark(file, '-q', '-z', 'follow,tcp,raw,0')
    const whole = [...followed.matchAll(/^\t?([0-9a-f]+)$/gm)].reduce(
      (sum, [, hex = '']) => sum + hex.length / 2,
      0,
    )
    const packets = [connect('cpe1'), connack, publish('alias/topic', 9, [{ name: 'topicAlias', value: 3 }])]
    for (const size of [1, 127, 128, 65_400, 65_500, 200_001]) packets.push(publish('t', size))
    expect(whole).toBe(packets.reduce((sum, { length }) => sum + length, 0))
    expect(fields(file, 'frame.comment contains "access"', 'frame.packet_id').flat()).toEqual(['2', '11'])
    const names = new Set(fields(file, 'tcp', 'frame.interface_name').flat())
    expect(names).toEqual(new Set(['TCP 1883', 'WebSocket 8083']))
    const named = execFileSync(
      requireTool('tshark'),
      ['-r', file, '-2', '-N', 'n', '-T', 'fields', '-e', 'ip.src_host'],
      {
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    )
    expect(named.toString()).toContain('os::1')
  }, 60_000)

  test('capinfos counts the blocks and finds times in order', () => {
    const [file] = recorded()
    const info = execFileSync(requireTool('capinfos'), [file], {
      stdio: ['ignore', 'pipe', 'ignore'],
    }).toString()
    expect(info).toMatch(/Strict time order: +True/)
    expect(info).toMatch(/Number of interfaces in file: 2/)
    expect(info).toMatch(/Capture application: +Oktobench test/)
    expect(info).toMatch(new RegExp(`Number of packets: +${fields(file, 'frame', 'frame.number').length}\\b`))
  }, 60_000)
})
