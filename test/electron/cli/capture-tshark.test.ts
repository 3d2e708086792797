/** `oktobench capture convert` and tshark read the same files and must see the same packets. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodePacket } from '../../../shared/mqtt/encode.ts'
import type { Packet, PublishPacket } from '../../../shared/mqtt/packets.ts'
import { propertyByName } from '../../../shared/mqtt/properties.ts'
import { everyConnect, everyOther } from '../../fixtures/every-packet.ts'
import { type Frame, fileOf, Talk, type TalkOptions } from '../../engine/import/talk.ts'
import { complaints, type PropertyPair, present, type Seen, tsharkPackets } from '../../support/tshark.ts'
import { describeWith } from '../../support/tools.ts'

const cli = fileURLToPath(new URL('../../../out/main/cli.js', import.meta.url))
const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/captures/${name}`, import.meta.url))

/** What tshark 4.0 shows otherwise than it stands on the wire, and how it is read here. */
const KNOWN: readonly { readonly what: string; readonly mend: (seen: Seen) => Seen }[] = [
  {
    what: 'shows no reason code where the packet leaves it out, which is 0x00 (3.4.2.1, 3.14.2.1, 3.15.2.1)',
    mend: (seen) =>
      mayOmitCode.has(seen.type) && seen.reasonCodes.length === 0 ? { ...seen, reasonCodes: [0] } : seen,
  },
]
const mayOmitCode: ReadonlySet<string> = new Set([
  'PUBACK',
  'PUBREC',
  'PUBREL',
  'PUBCOMP',
  'DISCONNECT',
  'AUTH',
])
const mended = (seen: Seen): Seen => KNOWN.reduce((value, { mend }) => mend(value), seen)

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oktobench-tshark-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const convert = (file: string, ...options: string[]): Buffer =>
  execFileSync(process.execPath, [cli, 'capture', 'convert', file, ...options], { maxBuffer: 1 << 28 })

type Bytes = { readonly text: string } | { readonly base64: string }
/** A line of JSON Lines, as far as it is compared. */
interface Line {
  readonly kind: string
  readonly type: string
  readonly topic?: string
  readonly usp?: unknown
  readonly packet: Readonly<Record<string, unknown>> & {
    readonly properties?: readonly { readonly name: string; readonly value: unknown }[]
    readonly will?: { readonly topic: string; readonly properties: Line['packet']['properties'] }
    readonly subscriptions?: readonly Readonly<Record<string, string | number | boolean>>[]
    readonly filters?: readonly string[]
    readonly reasonCodes?: readonly number[]
    readonly password?: Bytes
    readonly payload?: Bytes
  }
}

const rawOf = (bytes: Bytes): Buffer =>
  'text' in bytes ? Buffer.from(bytes.text) : Buffer.from(bytes.base64, 'base64')

function pairs(list: Line['packet']['properties'] = []): PropertyPair[] {
  return list.map(({ name, value }) => {
    const definition = propertyByName(name)
    if (definition === undefined) throw new Error(`no property ${name}`)
    const shown = definition.type === 'binary' ? rawOf(value as Bytes).toString() : value
    return [definition.label, shown as PropertyPair[1]]
  })
}

function ours({ type, topic, packet }: Line): Seen {
  const { will, password, payload, subscriptions, filters, reasonCode, level } = packet
  const isPublish = type === 'PUBLISH'
  const codes = packet.reasonCodes ?? (reasonCode === undefined ? [] : [reasonCode as number])
  const same = <T>(name: string) => packet[name] as T | undefined
  return present<Seen>({
    type,
    topics: isPublish ? [topic ?? ''] : (subscriptions?.map(({ filter }) => String(filter)) ?? filters ?? []),
    reasonCodes: codes,
    packetId: same('packetId'),
    clientId: same('clientId'),
    level: level as number | undefined,
    keepAlive: same('keepAlive'),
    username: same('username'),
    password: password && rawOf(password).toString(),
    willTopic: will?.topic,
    qos: same('qos'),
    dup: same('dup'),
    retain: same('retain'),
    payload: payload && rawOf(payload).toString('hex'),
    sessionPresent: same('sessionPresent'),
    options: subscriptions?.map(({ qos, noLocal, retainAsPublished, retainHandling }) =>
      [qos, noLocal, retainAsPublished, retainHandling].map(Number),
    ),
    properties: pairs(packet.properties),
    willProperties: pairs(will?.properties),
  })
}

/** Packets of a file by both, in its order. */
function bothRead(file: string, port?: number): { bench: Seen[]; shark: Seen[] } {
  const lines = convert(file, '--to', 'jsonl', '--secrets')
    .toString()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line)
    .filter(({ kind }) => kind === 'packet')
  return { bench: lines.map(ours), shark: tsharkPackets(file, port).map(mended) }
}

function agree({ bench, shark }: { bench: Seen[]; shark: Seen[] }): void {
  expect(bench.map(({ type }) => type)).toEqual(shark.map(({ type }) => type))
  for (const [i, seen] of shark.entries()) {
    const mine = bench[i] as Seen
    // What the bench shows as USP stands there decoded and not as bytes.
    const isUsp = seen.type === 'PUBLISH' && mine.payload === undefined
    const optional = {
      ...(isUsp && { payload: mine.payload }),
      ...(seen.options === undefined && { options: mine.options }),
    }
    expect(mine, `packet ${i + 1}`).toEqual(present({ ...seen, ...optional }))
  }
}

/** A capture of connections one after the other, each with its packets. */
function captureOf(
  talks: readonly (readonly Packet[])[],
  options: TalkOptions & { readonly size?: number } = {},
): string {
  const frames: Frame[] = []
  let time = 1_793_000_000
  for (const [i, packets] of talks.entries()) {
    const talk = new Talk({ clientPort: 40_000 + i, ...options })
    talk.time = time
    frames.push(...talk.open())
    const [first] = packets
    const level = first?.type === 'CONNECT' ? first.level : 5
    for (const packet of packets) {
      const direction = fromServer.has(packet.type) ? 'out' : 'in'
      frames.push(...talk.send(direction, encodePacket(packet, level), options.size))
    }
    frames.push(...talk.close())
    time = talk.time
  }
  const file = join(folder, `${frames.length}-${options.size ?? 0}-${options.client?.length ?? 0}.pcapng`)
  writeFileSync(file, fileOf(frames))
  return file
}
const fromServer: ReadonlySet<string> = new Set(['CONNACK', 'SUBACK', 'UNSUBACK', 'PINGRESP'])

const connack: Packet = { type: 'CONNACK', sessionPresent: false, reasonCode: 0, properties: [] }

describeWith(['tshark'], 'capture convert and tshark', () => {
  test.each([
    ['obuspa-tour.pcapng', 1883],
    ['obuspa-refusals.pcap', 11_885],
  ] as const)('agree on every packet of %s', (name, port) => {
    const read = bothRead(fixture(name), port)
    expect(read.bench.length).toBeGreaterThan(100)
    agree(read)
  })

  test.each([3, 4, 5] as const)('agree on all packets of protocol level %i', (level) => {
    const [first, ...more] = everyConnect(level)
    const others = everyOther(level)
    const talks: Packet[][] = [[first as Packet, ...others], ...more.map((packet) => [packet, connack])]
    const types = new Set(talks.flat().map(({ type }) => type))
    expect(types.size).toBe(level === 5 ? 15 : 14)
    const read = bothRead(captureOf(talks))
    expect(read.bench).toHaveLength(talks.flat().length)
    agree(read)
  })

  test.each([
    ['IPv6', { client: '2001:db8::7', server: '2001:db8::1' }],
    ['segments of 7 bytes', { size: 7 }],
  ])('agree over %s', (_, options) => {
    const small = everyOther(5).filter((packet) => packet.type !== 'PUBLISH' || packet.payload.length < 100)
    const [first] = everyConnect(5)
    agree(bothRead(captureOf([[first as Packet, ...small]], options)))
  })

  test('agree on what a topic alias stands for', () => {
    const publish = (topic: string, alias: number): PublishPacket => ({
      type: 'PUBLISH',
      dup: false,
      qos: 0,
      retain: false,
      topic,
      payload: new Uint8Array(3),
      properties: [{ name: 'topicAlias', value: alias }],
    })
    const [first] = everyConnect(5)
    const talk = [publish('one', 1), publish('two', 2), publish('', 1), publish('new', 1), publish('', 1)]
    const read = bothRead(captureOf([[first as Packet, ...talk]]))
    expect(read.bench.slice(1).map(({ topics }) => topics[0])).toEqual(['one', 'two', 'one', 'new', 'new'])
    agree(read)
  })

  test('agree on what the bench wrote, whole and filtered, and nothing is wrong with the files', () => {
    const source = fixture('obuspa-tour.pcapng')
    for (const [name, ...filter] of [['whole'], ['filtered', '--filter', 'mqtt.msgtype == PUBLISH']]) {
      const file = join(folder, `${name}.pcapng`)
      convert(source, '--secrets', '-o', file, ...filter)
      expect(complaints(file)).toEqual([])
      const again = tsharkPackets(file).map(mended)
      expect(again.length).toBeGreaterThan(50)
      if (name === 'whole') agree({ bench: bothRead(source).bench, shark: again })
    }
  })
})
