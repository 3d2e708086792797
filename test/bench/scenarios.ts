/** What is measured of brokers: throughput, latency, connections. */
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import type { Scenario } from './compare.ts'
import { disconnect, isPublish, member, packetIdOf, puback, publish, subscriber, windowed } from './load.ts'
import type { Peer } from './peers.ts'
import { latencyOf, startStream, type Latency } from './stream.ts'

const PUBLISHERS = 10
/** Messages of one publisher that are unacknowledged at any time. */
const WINDOW = 20
const PAYLOAD = Buffer.alloc(256, 0x61)
const WARM_MS = 700
const MEASURE_MS = 3000
/** A broker of compiled code has no such time; one on Node spends it compiling, and its bench still starts. */
const START_MS = 2500
/** OBUSPA answers on topics of about this length. The bench's own controller does not listen to this one. */
const TOPIC = 'oktopus/usp/v1/scenarios/os::012345-BENCH'

async function throughput(peer: Peer, qos: 0 | 1): Promise<number> {
  const to = await subscriber(peer.port, TOPIC, qos)
  let received = 0
  to.onPacket = (bytes, start) => {
    if (!isPublish(bytes, start)) return
    received += 1
    if (qos === 1) to.socket.write(puback(packetIdOf(bytes, start)))
  }
  const from = await Promise.all(Array.from({ length: PUBLISHERS }, () => member(peer.port)))
  let running = true
  for (const { socket } of from) if (qos === 0) void flood(socket, () => running)
  const packets = Array.from({ length: WINDOW + 1 }, (_, id) => publish(TOPIC, PAYLOAD, 1, Math.max(1, id)))
  if (qos === 1)
    for (const one of from) void windowed(one, WINDOW, (id) => (running ? packets[id] : undefined))
  await wait(WARM_MS)
  const before = received
  const start = performance.now()
  await wait(MEASURE_MS)
  const rate = ((received - before) / (performance.now() - start)) * 1000
  running = false
  for (const { socket } of [...from, to]) socket.destroy()
  await wait(300)
  return rate
}

/** As fast as the broker takes it. */
async function flood(socket: import('node:net').Socket, running: () => boolean): Promise<void> {
  const burst = Buffer.concat(Array.from({ length: 20 }, () => publish(TOPIC, PAYLOAD, 0)))
  while (running() && !socket.destroyed) {
    if (!socket.write(burst)) await Promise.race([once(socket, 'drain'), once(socket, 'close')])
    else await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Latencies of QoS 1 messages at 1,000 a second, once the broker runs warm. */
async function latency({ port }: Peer): Promise<Latency> {
  const stream = await startStream(port, TOPIC)
  await wait(START_MS)
  stream.forget()
  await wait(4000)
  return latencyOf(await stream.stop())
}

async function connects(peer: Peer): Promise<number> {
  const COUNT = 2000
  const PARALLEL = 10
  let left = COUNT
  const start = performance.now()
  const one = async (): Promise<void> => {
    while (left-- > 0) {
      const { socket } = await member(peer.port)
      socket.end(disconnect)
      if (!socket.closed) await once(socket, 'close')
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, one))
  return (COUNT / (performance.now() - start)) * 1000
}

async function idleMemory(peer: Peer): Promise<number> {
  const COUNT = 5000
  const before = await peer.memory()
  const sockets: Awaited<ReturnType<typeof member>>[] = []
  for (let i = 0; i < COUNT; i += 100) {
    sockets.push(...(await Promise.all(Array.from({ length: 100 }, () => member(peer.port)))))
  }
  await wait(1500)
  const after = await peer.memory()
  for (const { socket } of sockets) socket.destroy()
  await wait(1000)
  return (after - before) / COUNT / 1024
}

/** The longest time that a healthy subscriber waits while another one does not read, in milliseconds. */
async function frozenDelay(peer: Peer): Promise<number> {
  const WARM_ROUNDS = 100
  const ROUNDS = 200
  await wait(START_MS)
  const frozen = await subscriber(peer.port, TOPIC, 0)
  const healthy = await subscriber(peer.port, TOPIC, 0)
  const from = await member(peer.port)
  let worst = 0
  const big = publish(TOPIC, Buffer.alloc(65_536), 0)
  for (let round = -WARM_ROUNDS; round < ROUNDS; round++) {
    if (round === 0) {
      frozen.socket.pause()
      worst = 0
    }
    const start = performance.now()
    const came = new Promise<void>((resolve) => (healthy.onPacket = () => resolve()))
    from.socket.write(big)
    const inTime = await Promise.race([came.then(() => true), wait(5000).then(() => false)])
    worst = Math.max(worst, performance.now() - start)
    if (!inTime) break
  }
  for (const { socket } of [frozen, healthy, from]) socket.destroy()
  await wait(200)
  return worst
}

export const brokerScenarios: readonly Scenario[] = [
  {
    figures: [
      {
        name: 'QoS 0, 10 → 1, 256 B',
        unit: 'msg/s',
        target: { bare: { atLeast: 1 }, mosquitto: { atLeast: 0.5 } },
      },
    ],
    measure: async (peer) => [await throughput(peer, 0)],
  },
  {
    figures: [
      {
        name: 'QoS 1, 10 → 1, 256 B',
        unit: 'msg/s',
        target: { bare: { atLeast: 1 }, mosquitto: { atLeast: 0.9 } },
      },
    ],
    measure: async (peer) => [await throughput(peer, 1)],
  },
  {
    figures: [
      { name: 'latency at 1,000/s, p50', unit: 'ms' },
      { name: 'latency at 1,000/s, p99', unit: 'ms', target: { bare: { atMost: 1.1 } } },
    ],
    async measure(peer) {
      const { p50, p99 } = await latency(peer)
      return [p50, p99]
    },
  },
  {
    figures: [{ name: 'connect + disconnect', unit: '1/s', target: { bare: { atLeast: 1 } } }],
    measure: async (peer) => [await connects(peer)],
  },
  {
    figures: [{ name: 'memory of an idle connection', unit: 'KiB' }],
    measure: async (peer) => [await idleMemory(peer)],
  },
  {
    figures: [{ name: 'worst delay beside a frozen reader', unit: 'ms', target: { value: { atMost: 20 } } }],
    measure: async (peer) => [await frozenDelay(peer)],
  },
]
