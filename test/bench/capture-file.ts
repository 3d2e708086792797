/**
 * A long day in a lab as a pcapng file of the kind that tcpdump on a broker's machine leaves: Ethernet, real TCP,
 * a thousand devices of MQTT 5 and 3.1.1 that speak USP. The same bytes each time.
 */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { encodePacket } from '../../shared/mqtt/encode.ts'
import type { Packet, Properties } from '../../shared/mqtt/packets.ts'
import { BlockWriter } from '../../shared/pcapng/block-writer.ts'
import { LinkType } from '../../shared/pcapng/format.ts'
import { headerLength, TcpFlag, writeHeaders, type Endpoint } from '../../shared/pcapng/ip-frame.ts'
import { endpointId, uspTemplates, varied, type Template } from './usp-traffic.ts'

const DEVICES = 1000
const WRITE_BYTES = 1024 * 1024
const BEGIN_SEC = 1_780_000_000
/** One packet each 86 ms fills a day with a million. */
const STEP_NS = 86_400_000
const ETHERNET_HEADER = Buffer.from('0200000000010200000000020800', 'hex')
const SERVER: Endpoint = { address: Uint8Array.of(192, 168, 77, 1), port: 1883 }
const NOTHING: Uint8Array = new Uint8Array(0)
const PLAIN = { noLocal: false, retainAsPublished: false, retainHandling: 0 } as const

interface Device {
  readonly level: 4 | 5
  readonly endpoint: string
  readonly client: Endpoint
  readonly templates: readonly Template[]
  /** Sequence number of the next byte of each direction. */
  readonly next: { in: number; out: number }
  isConnected: boolean
  packetId: number
}

/** Writes `count` MQTT packets, each in a TCP segment of its own, and the handshakes of their connections. */
export function writeCaptureFile(path: string, count: number): void {
  const file = openSync(path, 'w')
  try {
    const writer = new Writer((bytes) => writeSync(file, bytes))
    const random = generator(1883)
    const devices = Array.from({ length: DEVICES }, (_, number) => newDevice(number))
    for (let message = 0; writer.packets < count; message++) {
      const device = devices[Math.floor(random() * devices.length)] as Device
      if (!device.isConnected) connect(writer, device)
      else if (random() < 0.15) keepAlive(writer, device)
      else publish(writer, device, random, message)
    }
    writer.flush()
    // Not while something is measured.
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function newDevice(number: number): Device {
  const level = number % 2 === 0 ? 5 : 4
  return {
    level,
    endpoint: endpointId(level, number),
    client: { address: Uint8Array.of(192, 168, 78 + (number >> 8), number & 0xff), port: 20_000 + number },
    templates: templates[level],
    next: { in: Math.imul(number + 1, 0x9e37_79b1) >>> 0, out: Math.imul(number + 1, 0x85eb_ca6b) >>> 0 },
    isConnected: false,
    packetId: 1,
  }
}
const templates = { 4: uspTemplates(4), 5: uspTemplates(5) }

function connect(writer: Writer, device: Device): void {
  const { level, endpoint } = device
  writer.segment(device, 'in', TcpFlag.syn)
  writer.segment(device, 'out', TcpFlag.syn | TcpFlag.ack)
  writer.segment(device, 'in', TcpFlag.ack)
  const clientId = endpoint
  writer.packet(device, 'in', {
    type: 'CONNECT',
    level,
    clean: true,
    keepAlive: 60,
    clientId,
    username: endpoint,
    properties: [],
  })
  const properties: Properties =
    level === 5 ? [{ name: 'userProperty', value: ['subscribe-topic', topicOf('agent', endpoint)] }] : []
  writer.packet(device, 'out', { type: 'CONNACK', sessionPresent: false, reasonCode: 0, properties })
  const wish = { filter: topicOf('agent', endpoint), qos: 1, ...PLAIN } as const
  writer.packet(device, 'in', { type: 'SUBSCRIBE', packetId: 1, subscriptions: [wish], properties: [] })
  writer.packet(device, 'out', { type: 'SUBACK', packetId: 1, reasonCodes: [1], properties: [] })
  device.isConnected = true
}

function keepAlive(writer: Writer, device: Device): void {
  writer.packet(device, 'in', { type: 'PINGREQ' })
  writer.packet(device, 'out', { type: 'PINGRESP' })
}

/** A Record at QoS 0, or at QoS 1 with its PUBACK. Two neighbours share a msg_id, as request and answer do. */
function publish(writer: Writer, device: Device, random: () => number, message: number): void {
  const { level, endpoint } = device
  const template = device.templates[Math.floor(random() * device.templates.length)] as Template
  const { direction, role } = template
  const qos = random() < 0.4 ? 1 : 0
  device.packetId = (device.packetId % 65_535) + 1
  const { packetId } = device
  const properties: Properties = [
    { name: 'responseTopic', value: topicOf(direction === 'in' ? 'agent' : 'api', endpoint) },
    { name: 'contentType', value: 'usp.msg' },
  ]
  writer.packet(device, direction, {
    type: 'PUBLISH',
    dup: false,
    qos,
    retain: false,
    topic: topicOf(role, endpoint),
    ...(qos === 1 && { packetId }),
    properties: level === 5 ? properties : [],
    payload: varied(template, endpoint, message >> 1),
  })
  const back = direction === 'in' ? 'out' : 'in'
  if (qos === 1) writer.packet(device, back, { type: 'PUBACK', packetId, reasonCode: 0, properties: [] })
}

const topicOf = (role: string, endpoint: string): string => `oktopus/usp/v1/${role}/${endpoint}`

class Writer {
  packets = 0
  readonly #blocks = new BlockWriter()
  readonly #write: (bytes: Uint8Array) => void
  #frames = 0

  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write
    this.#blocks.section({ application: 'made by the bench of Oktobench' })
    this.#blocks.interface({ linkType: LinkType.ethernet, name: 'eth0' })
  }

  packet(device: Device, direction: 'in' | 'out', packet: Packet): void {
    this.segment(device, direction, TcpFlag.psh | TcpFlag.ack, encodePacket(packet, device.level))
    this.packets += 1
  }

  segment({ client, next }: Device, direction: 'in' | 'out', flags: number, bytes = NOTHING): void {
    const inbound = direction === 'in'
    const header = {
      source: inbound ? client : SERVER,
      target: inbound ? SERVER : client,
      sequence: next[direction],
      acknowledgment: (flags & TcpFlag.ack) === 0 ? 0 : next[inbound ? 'out' : 'in'],
      flags,
    }
    const headers = ETHERNET_HEADER.length + headerLength(4, flags)
    const ns = this.#frames++ * STEP_NS
    const sec = BEGIN_SEC + Math.floor(ns / 1e9)
    const at = this.#blocks.openPacket(sec, ns % 1e9, 0, headers + bytes.length)
    const frame = this.#blocks.bytes
    frame.set(ETHERNET_HEADER, at)
    frame.set(bytes, at + headers)
    writeHeaders(frame, at + ETHERNET_HEADER.length, header, bytes.length)
    this.#blocks.closePacket(undefined)
    next[direction] = (next[direction] + bytes.length + ((flags & TcpFlag.syn) === 0 ? 0 : 1)) >>> 0
    if (this.#blocks.used > WRITE_BYTES) this.flush()
  }

  flush(): void {
    this.#write(this.#blocks.take())
  }
}

/** Numbers 0 … 1, always the same ones (mulberry32). */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b_79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000
  }
}
