import { once } from 'node:events'
import { createServer } from 'node:http'
import { connectAsync } from 'mqtt'
import { WebSocketServer } from 'ws'
import { afterEach, expect, test } from 'vitest'
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import { frameLength } from '../../../shared/mqtt/frame.ts'
import type { Packet } from '../../../shared/mqtt/packets.ts'
import { bytesOf, connack, connect, publish } from '../capture/packets.ts'
import { listen, recordTo, type Recording } from './record.ts'
import { concat, importFrames, Talk } from './talk.ts'

const plain = (packets: readonly Uint8Array[]) => packets.map((packet) => Buffer.from(packet).toString('hex'))
const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

function answer(packet: Packet, send: (bytes: Uint8Array) => void): void {
  if (packet.type === 'CONNECT') send(connack())
  else if (packet.type === 'PUBLISH' && packet.packetId !== undefined) {
    send(publish('answer', { payload: packet.payload }))
    send(bytesOf({ type: 'PUBACK', packetId: packet.packetId, reasonCode: 0, properties: [] }))
  }
}

/** A conversation of MQTT.js with a WebSocket server, and what that server sent and was sent. */
async function converse(deflate: boolean) {
  const got: Uint8Array[] = []
  const sent: Uint8Array[] = []
  const http = createServer()
  const server = new WebSocketServer({
    server: http,
    handleProtocols: () => 'mqtt',
    perMessageDeflate: deflate ? { threshold: 0 } : false,
  })
  server.on('connection', (socket) => {
    const send = (bytes: Uint8Array) => {
      sent.push(bytes)
      // In two messages: packets and messages are not the same.
      socket.send(bytes.subarray(0, 2))
      socket.send(bytes.subarray(2))
    }
    let waiting = Buffer.alloc(0)
    socket.on('message', (data: Buffer) => {
      got.push(new Uint8Array(data))
      // MQTT.js sends a packet in several messages.
      waiting = Buffer.concat([waiting, data])
      for (;;) {
        const length = frameLength(waiting, 0, waiting.length)
        if (length <= 0 || length > waiting.length) return
        answer(decodePacket(new Uint8Array(waiting.subarray(0, length)), 5), send)
        waiting = waiting.subarray(length)
      }
    })
  })
  const recording: Recording = await recordTo(await listen(http))
  closing.push(
    () => void http.close(),
    () => recording.close(),
  )
  const client = await connectAsync(`ws://127.0.0.1:${recording.port}/mqtt`, {
    protocolVersion: 5,
    reconnectPeriod: 0,
    wsOptions: { perMessageDeflate: deflate ? { threshold: 0 } : false },
  })
  // Twice the same, so that a compressor refers to what it sent before; and larger than one frame of TCP.
  const payload = Buffer.from('abcdefgh'.repeat(2500))
  await client.publishAsync('topic/one', payload, { qos: 1 })
  await client.publishAsync('topic/one', payload, { qos: 1 })
  await client.publishAsync('topic/two', 'small', { qos: 1 })
  const closed = once(server.clients.values().next().value ?? server, 'close')
  await client.endAsync()
  await closed
  return { frames: recording.frames({ serverPort: 8083 }), got, sent }
}

test.each([false, true])('MQTT.js over WebSocket is read (compressed: %s)', async (deflate) => {
  const { frames, got, sent } = await converse(deflate)
  const imported = importFrames(frames)
  expect(imported.of('opened')).toMatchObject([{ facts: { transport: 'ws', listenerPort: 8083 } }])
  expect(plain([concat(...imported.packets('in'))])).toEqual(plain([concat(...got)]))
  expect(plain(imported.packets('out'))).toEqual(plain(sent))
  expect(imported.of('frame').filter(({ malformed }) => malformed)).toEqual([])
  expect(imported.of('closed')).toMatchObject([{ facts: { by: 'device' } }])
  expect(imported.notes).toEqual([])
  const compressed = frames.some(({ data }) => Buffer.from(data).includes('permessage-deflate'))
  expect(compressed).toBe(deflate)
})

const text = (value: string) => new TextEncoder().encode(value)
const request = text(
  'GET /mqtt HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: mqttv3.1, mqtt\r\n\r\n',
)
const accepted = text('HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n')
/** A frame; those of clients are masked. */
function frame(opcode: number, payload: Uint8Array, { fin = true, masked = true } = {}): Uint8Array {
  const short = payload.length < 126
  const head = [(fin ? 0x80 : 0) | opcode, (masked ? 0x80 : 0) | (short ? payload.length : 126)]
  if (!short) head.push(payload.length >> 8, payload.length & 0xff)
  const mask = masked ? [1, 2, 3, 4] : []
  const body = masked ? payload.map((byte, i) => byte ^ (mask[i & 3] ?? 0)) : payload
  return concat(Uint8Array.from([...head, ...mask]), body)
}
const upgraded = (talk: Talk) => [...talk.open(), ...talk.send('in', request), ...talk.send('out', accepted)]

test('messages in fragments, with pings between them, are put together', () => {
  const talk = new Talk({ serverPort: 8083 })
  const packet = publish('a/b', { payload: 'x'.repeat(300) })
  const frames = [
    frame(2, connect()),
    frame(2, packet.subarray(0, 100), { fin: false }),
    frame(9, text('ping')),
    frame(0, packet.subarray(100, 200), { fin: false }),
    frame(0, packet.subarray(200)),
    frame(8, Uint8Array.of(3, 0xe8)),
  ]
  const { packets, notes } = importFrames([...upgraded(talk), ...talk.send('in', concat(...frames), 37)])
  expect(plain(packets('in'))).toEqual(plain([connect(), packet]))
  expect(notes).toEqual([])
})

test('after a lost segment, frames are found again', () => {
  const talk = new Talk({ serverPort: 8083 })
  const packets = Array.from({ length: 30 }, (_, i) => publish(`t/${i}`, { payload: `${i}`.padEnd(40, '-') }))
  const opening = [...upgraded(talk), ...talk.send('in', frame(2, connect()))]
  const data = packets.flatMap((packet) => talk.send('in', frame(2, packet)))
  const imported = importFrames([...opening, ...data.filter((_, i) => i !== 3), ...talk.close()])
  expect(imported.of('gap')).toHaveLength(1)
  expect(plain(imported.packets('in'))).toEqual(plain([connect(), ...packets.filter((_, i) => i !== 3)]))
})

test('a WebSocket that was refused says so, and one for something else is passed over', () => {
  const refused = new Talk({ serverPort: 8083, clientPort: 1 })
  const chat = new Talk({ serverPort: 8083, clientPort: 2 })
  const imported = importFrames([
    ...refused.open(),
    ...refused.send('in', request),
    ...refused.send('out', text('HTTP/1.1 403 Forbidden\r\n\r\n')),
    ...chat.open(),
    ...chat.send('in', text('GET /chat HTTP/1.1\r\nUpgrade: websocket\r\n\r\n')),
  ])
  expect(imported.of('opened')).toHaveLength(1)
  expect(imported.notes).toEqual(['The server refused the WebSocket: HTTP/1.1 403 Forbidden.'])
})

test('frames that no client may send are told', () => {
  const talk = new Talk({ serverPort: 8083 })
  const frames = concat(frame(2, connect()), frame(2, connect(), { masked: false }))
  const imported = importFrames([...upgraded(talk), ...talk.send('in', frames)])
  expect(imported.packets('in')).toHaveLength(1)
  expect(imported.notes).toEqual([expect.stringMatching(/a mask that is not allowed/)])
})
