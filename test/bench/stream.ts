/** A steady stream of QoS 1 messages through a broker, each timed from the write to its arrival. */
import { setTimeout as wait } from 'node:timers/promises'
import { isPublish, member, packetIdOf, puback, publish, subscriber } from './load.ts'
import { percentile } from './report.ts'

export interface Stream {
  /** Leaves out what came so far. */
  forget(): void
  /** Ends it; answers the latencies, sorted. What has not come after three seconds is left out. */
  stop(): Promise<Float64Array>
}

const PAYLOAD = Buffer.alloc(256, 0x61)
/** Messages on their way at most; a broker further behind is waited for. */
const MAX_UNDERWAY = 32_768
const LAST_MS = 3000

export async function startStream(port: number, topic: string, perSecond = 1000): Promise<Stream> {
  const to = await subscriber(port, topic, 1)
  const from = await member(port)
  const sent = new Float64Array(MAX_UNDERWAY)
  let latencies: number[] = []
  let count = 0
  let came = 0
  let arrived: () => void = () => undefined
  to.onPacket = (bytes, start, end) => {
    if (!isPublish(bytes, start)) return
    came += 1
    latencies.push(performance.now() - (sent[bytes.readUInt32BE(end - 4) % MAX_UNDERWAY] as number))
    to.socket.write(puback(packetIdOf(bytes, start)))
    arrived()
  }
  const ended = new AbortController()
  const begin = performance.now()
  const sending = (async () => {
    while (!ended.signal.aborted) {
      const due = Math.floor(((performance.now() - begin) * perSecond) / 1000)
      while (count < due && count - came < MAX_UNDERWAY) {
        const payload = Buffer.from(PAYLOAD)
        payload.writeUInt32BE(count, payload.length - 4)
        sent[count % MAX_UNDERWAY] = performance.now()
        from.socket.write(publish(topic, payload, 1, (count % 60_000) + 1))
        count += 1
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
  })()
  return {
    forget() {
      latencies = []
    },
    async stop() {
      ended.abort()
      await sending
      const all = new Promise<void>((resolve) => {
        arrived = () => came >= count && resolve()
        arrived()
      })
      await Promise.race([all, wait(LAST_MS)])
      to.socket.destroy()
      from.socket.destroy()
      return Float64Array.from(latencies).sort()
    },
  }
}

export interface Latency {
  readonly p50: number
  readonly p99: number
  readonly max: number
}
export const latencyOf = (sorted: Float64Array): Latency => ({
  p50: percentile(sorted, 0.5),
  p99: percentile(sorted, 0.99),
  max: sorted.at(-1) ?? NaN,
})
