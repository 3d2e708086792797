/** What is measured. Each scenario answers one number for one broker. */
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { disconnect, isPuback, isPublish, member, packetIdOf, puback, publish, subscriber } from './load.ts'
import type { Peer } from './peers.ts'

export interface Scenario {
  readonly name: string
  readonly unit: string
  /** `higher` or `lower` is better. */
  readonly better: 'higher' | 'lower'
  /** Least ratio wanted of this bench against bare aedes and against Mosquitto, where there is one. */
  readonly target?: { readonly bare?: string; readonly mosquitto?: string }
  measure(peer: Peer): Promise<number>
}

const PUBLISHERS = 10
const PAYLOAD = Buffer.alloc(256, 0x61)
const WARM_MS = 700
const MEASURE_MS = 3000
/** OBUSPA answers on topics of about this length. */
const TOPIC = 'oktopus/usp/v1/controller/os::012345-BENCH'

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
  if (qos === 1) for (const one of from) windowed(one, () => running)
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

/** Twenty messages unacknowledged at any time. */
function windowed(one: Awaited<ReturnType<typeof member>>, running: () => boolean): void {
  const WINDOW = 20
  const packets = Array.from({ length: WINDOW + 1 }, (_, id) => publish(TOPIC, PAYLOAD, 1, Math.max(1, id)))
  one.onPacket = (bytes, start) => {
    if (running() && isPuback(bytes, start))
      one.socket.write(packets[bytes.readUInt16BE(start + 2)] as Buffer)
  }
  for (let id = 1; id <= WINDOW; id++) one.socket.write(packets[id] as Buffer)
}

/** Latencies in milliseconds of QoS 1 messages at 1,000 a second, sorted. */
async function latencies(peer: Peer): Promise<Float64Array> {
  const COUNT = 4000
  const to = await subscriber(peer.port, TOPIC, 1)
  const from = await member(peer.port)
  const sent = new Float64Array(COUNT)
  const found: number[] = []
  const all = new Promise<void>((resolve) => {
    to.onPacket = (bytes, start, end) => {
      if (!isPublish(bytes, start)) return
      found.push(performance.now() - (sent[bytes.readUInt32BE(end - 4)] as number))
      to.socket.write(puback(packetIdOf(bytes, start)))
      if (found.length === COUNT) resolve()
    }
  })
  const begin = performance.now()
  for (let i = 0; i < COUNT;) {
    const due = Math.min(COUNT, Math.floor(performance.now() - begin))
    for (; i < due; i++) {
      const payload = Buffer.from(PAYLOAD)
      payload.writeUInt32BE(i, payload.length - 4)
      sent[i] = performance.now()
      from.socket.write(publish(TOPIC, payload, 1, (i % 60_000) + 1))
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  await Promise.race([all, wait(3000)])
  to.socket.destroy()
  from.socket.destroy()
  return Float64Array.from(found).sort()
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
  const ROUNDS = 200
  const frozen = await subscriber(peer.port, TOPIC, 0)
  const healthy = await subscriber(peer.port, TOPIC, 0)
  const from = await member(peer.port)
  frozen.socket.pause()
  let worst = 0
  const big = publish(TOPIC, Buffer.alloc(65_536), 0)
  for (let round = 0; round < ROUNDS; round++) {
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

const percentile = (sorted: Float64Array, part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN

export const scenarios: readonly Scenario[] = [
  {
    name: 'QoS 0, 10 → 1, 256 B',
    unit: 'msg/s',
    better: 'higher',
    target: { bare: '≥ 1.0', mosquitto: '≥ 0.5' },
    measure: (peer) => throughput(peer, 0),
  },
  {
    name: 'QoS 1, 10 → 1, 256 B',
    unit: 'msg/s',
    better: 'higher',
    target: { bare: '≥ 1.0', mosquitto: '≥ 0.9' },
    measure: (peer) => throughput(peer, 1),
  },
  {
    name: 'latency at 1,000/s, p50',
    unit: 'ms',
    better: 'lower',
    measure: async (peer) => percentile(await latencies(peer), 0.5),
  },
  {
    name: 'latency at 1,000/s, p99',
    unit: 'ms',
    better: 'lower',
    target: { bare: '≤ 1.1' },
    measure: async (peer) => percentile(await latencies(peer), 0.99),
  },
  {
    name: 'connect + disconnect',
    unit: '1/s',
    better: 'higher',
    target: { bare: '≥ 1.0' },
    measure: connects,
  },
  { name: 'memory of an idle connection', unit: 'KiB', better: 'lower', measure: idleMemory },
  {
    name: 'worst delay beside a frozen reader',
    unit: 'ms',
    better: 'lower',
    target: { bare: '≤ 20 ms' },
    measure: frozenDelay,
  },
]
