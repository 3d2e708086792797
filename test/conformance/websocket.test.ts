/** MQTT over WebSocket (chapter 6). The same in both versions. */
import { once } from 'node:events'
import { expect } from 'vitest'
import WebSocket from 'ws'
import { encodePacket } from '../../shared/mqtt/encode.ts'
import { decodePacket } from '../../shared/mqtt/decode.ts'
import { connectPacket, remaining, type Scene } from './rig.ts'
import { shows } from './shows.ts'

async function open({ bench }: Scene): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${bench.wsPort}/mqtt`, ['other', 'mqtt'])
  await once(socket, 'open')
  return socket
}
const hello = ({ level }: Scene): Buffer =>
  Buffer.from(encodePacket(connectPacket({ clientId: 'ws', level }), level))

shows('the subprotocol is mqtt', { '5.0': '6.0.0-4', '3.1.1': '6.0.0-4' }, async (scene) => {
  const socket = await open(scene)
  expect(socket.protocol).toBe('mqtt')
  socket.close()
})

shows(
  'packets are sent in binary frames, and need not fit frames on the way in',
  { '5.0': '6.0.0-1 6.0.0-2', '3.1.1': '6.0.0-1 6.0.0-2' },
  async (scene) => {
    const socket = await open(scene)
    const pings = Buffer.from(encodePacket({ type: 'PINGREQ' }, scene.level))
    const stream = Buffer.concat([hello(scene), pings, pings])
    const frames: [Buffer, boolean][] = []
    socket.on('message', (data: Buffer, isBinary: boolean) => frames.push([data, isBinary]))
    for (const byte of stream.subarray(0, stream.length - 3)) socket.send(Buffer.of(byte))
    socket.send(stream.subarray(stream.length - 3))
    const bytes = () => Buffer.concat(frames.map(([data]) => data))
    await expect.poll(() => bytes().subarray(-4).toString('hex')).toBe('d000d000')
    expect(decodePacket(bytes().subarray(0, -4), scene.level)).toMatchObject({
      type: 'CONNACK',
      reasonCode: 0,
    })
    expect(frames.every(([, isBinary]) => isBinary)).toBe(true)
    socket.close()
  },
)

shows('a text frame ends the connection', { '5.0': '6.0.0-1', '3.1.1': '6.0.0-1' }, async (scene) => {
  const socket = await open(scene)
  socket.send(hello(scene))
  await once(socket, 'message')
  socket.send('text')
  await once(socket, 'close')
  await remaining(scene, 0)
})
