/** What is measured of sessions: shared subscriptions, queues, retained messages, and what keeping them costs. */
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import type { Figure, Scenario } from './compare.ts'
import {
  disconnect,
  freshId,
  isPublish,
  member,
  packetIdOf,
  puback,
  publish,
  subscriber,
  windowed,
  type Member,
  type Opening,
} from './load.ts'
import type { Peer, PeerOptions } from './peers.ts'

const PUBLISHERS = 10
const WINDOW = 20
const MEMBERS = 8
const PAYLOAD = Buffer.alloc(256, 0x61)
const TOPIC = 'oktopus/usp/v1/sessions/os::012345-BENCH'
const SHARED = `$share/bench/${TOPIC}`
const WARM_MS = 1000
const MEASURE_MS = 1000
const QUEUED = 20_000
const RETAINED = 50_000
/** Longer than any session is away here, in seconds. */
const LASTING = 3600
/** A broker that has not delivered everything by then never will in good time. */
const PATIENCE_MS = 20_000

/** Acknowledges what comes, and counts it. */
class Reader {
  received = 0
  #wanted = Infinity
  #done: () => void = () => undefined
  #member: Member | undefined

  /** Subscribes; answers itself. */
  async open(port: number, filter: string, opening?: Opening): Promise<this> {
    this.#member = await subscriber(port, filter, 1, opening, this.#take)
    return this
  }

  /** Comes back to its session. */
  async resume(port: number, opening: Opening): Promise<void> {
    this.#member = await member(port, opening, this.#take)
  }

  /** True once so many came. */
  async has(count: number): Promise<boolean> {
    this.#wanted = count
    if (this.received >= count) return true
    const all = new Promise<true>((resolve) => (this.#done = () => resolve(true)))
    return await Promise.race([all, wait(PATIENCE_MS, false, { ref: false })])
  }

  async leave(): Promise<void> {
    const { socket } = this.#member as Member
    socket.end(disconnect)
    if (!socket.closed) await once(socket, 'close')
  }

  readonly #take: Member['onPacket'] = (bytes, start, _end, { socket }) => {
    if (!isPublish(bytes, start)) return
    socket.write(puback(packetIdOf(bytes, start)))
    this.received += 1
    if (this.received === this.#wanted) this.#done()
  }
}

/** Messages a second that the readers get together, while publishers send as fast as they are acknowledged. */
async function rateTo(port: number, readers: readonly Reader[]): Promise<number> {
  const packets = Array.from({ length: WINDOW + 1 }, (_, id) => publish(TOPIC, PAYLOAD, 1, Math.max(1, id)))
  const received = (): number => readers.reduce((sum, reader) => sum + reader.received, 0)
  const from = await Promise.all(Array.from({ length: PUBLISHERS }, () => member(port)))
  for (const one of from) void windowed(one, WINDOW, (id) => packets[id])
  await wait(WARM_MS)
  const before = received()
  const start = performance.now()
  await wait(MEASURE_MS)
  const rate = ((received() - before) / (performance.now() - start)) * 1000
  for (const { socket } of from) socket.destroy()
  return rate
}

const readersOf = (port: number, filter: string): Promise<Reader[]> =>
  Promise.all(Array.from({ length: MEMBERS }, () => new Reader().open(port, filter)))

/**
 * The rate, and how many percent of the messages the member with the fewest and the one with the most got. An equal
 * share is 12.5; the bench gives a member that acknowledges faster a little more, and that is meant.
 */
async function sharedGroup({ port }: Peer): Promise<number[]> {
  const readers = await readersOf(port, SHARED)
  const rate = await rateTo(port, readers)
  const shares = readers.map(({ received }) => received).sort((a, b) => a - b)
  const all = shares.reduce((sum, one) => sum + one, 0)
  return [rate, ...[shares[0], shares.at(-1)].map((one = NaN) => (one / all) * 100)]
}

/** Publishes so many messages at QoS 1; resolves when all are acknowledged. */
async function publishAll(port: number, count: number, packet: (no: number, packetId: number) => Buffer) {
  const from = await Promise.all(Array.from({ length: PUBLISHERS }, () => member(port)))
  let no = 0
  const next = (packetId: number) => (no < count ? packet(no++, packetId) : undefined)
  await Promise.all(from.map((one) => windowed(one, WINDOW, next)))
  for (const { socket } of from) socket.destroy()
}

/** Milliseconds from the CONNECT of a client that was away until it has all that waited for it. */
async function drained({ port }: Peer): Promise<number[]> {
  const opening = { clientId: freshId(), expiry: LASTING }
  const reader = await new Reader().open(port, TOPIC, opening)
  await reader.leave()
  await publishAll(port, QUEUED, (_, packetId) => publish(TOPIC, PAYLOAD, 1, packetId))
  const start = performance.now()
  await reader.resume(port, { ...opening, clean: false })
  return [(await reader.has(QUEUED)) ? performance.now() - start : NaN]
}

/** Milliseconds to store and to deliver retained messages, and the memory that they take in MiB. */
async function retained(peer: Peer): Promise<number[]> {
  const { port } = peer
  const before = await peer.memory()
  const began = performance.now()
  const topic = (no: number): string => `bench/retained/${no % 1000}/${no}`
  await publishAll(port, RETAINED, (no, packetId) => publish(topic(no), PAYLOAD, 1, packetId, true))
  const stored = performance.now() - began
  const memory = (await peer.memory()) - before
  const asked = performance.now()
  const reader = await new Reader().open(port, '#')
  const all = await reader.has(RETAINED)
  return [stored, all ? performance.now() - asked : NaN, memory / 1024 / 1024]
}

const toLastingSession: Scenario['measure'] = async ({ port }) => {
  const reader = await new Reader().open(port, TOPIC, { clientId: freshId(), expiry: LASTING })
  return [await rateTo(port, [reader])]
}

const NO_SHARED = { 'bare aedes': 'has none' }
const NO_DISK = { 'bare aedes': 'keeps none' }

const kept = (keep: PeerOptions['keep'], name: string, target?: Figure['target']): Scenario => ({
  figures: [{ name: `QoS 1 to a lasting session, ${name}`, unit: 'msg/s', ...(target && { target }) }],
  peers: { ...(keep && { keep }) },
  ...(keep === 'nothing' ? {} : { without: NO_DISK }),
  measure: toLastingSession,
})

export const sessionScenarios: readonly Scenario[] = [
  {
    figures: [
      { name: `QoS 1 to ${MEMBERS} plain subscribers`, unit: 'msg/s', target: { bare: { atLeast: 1 } } },
    ],
    measure: async ({ port }) => [await rateTo(port, await readersOf(port, TOPIC))],
  },
  {
    figures: [
      {
        name: `QoS 1 to a shared group of ${MEMBERS}`,
        unit: 'msg/s',
        target: { mosquitto: { atLeast: 0.8 } },
      },
      { name: 'its least loaded member', unit: '% of all', target: { value: { atLeast: 8 } } },
      { name: 'its most loaded member', unit: '% of all', target: { value: { atMost: 17 } } },
    ],
    without: NO_SHARED,
    measure: sharedGroup,
  },
  {
    figures: [
      {
        name: `${QUEUED.toLocaleString('en')} queued messages, until a client that returns has them`,
        unit: 'ms',
        target: { value: { atMost: 1000 } },
      },
    ],
    measure: drained,
  },
  {
    figures: [
      { name: `${RETAINED.toLocaleString('en')} retained messages: stored`, unit: 'ms' },
      { name: 'delivered to a new subscriber of #', unit: 'ms', target: { value: { atMost: 2000 } } },
      { name: 'memory for them', unit: 'MiB' },
    ],
    measure: retained,
  },
  kept('nothing', 'kept nowhere', { bare: { atLeast: 1 } }),
  kept('each second', 'on the disk each second', { mosquitto: { atLeast: 0.5 } }),
  kept('each message', 'on the disk before it is answered'),
]
