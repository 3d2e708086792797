/** USP of one device at a given rate of rows in the capture. */
import { publish, member } from './load.ts'
import { endpointId, uspTemplates, varied } from './usp-traffic.ts'

const PUBLISHERS = 10
/** Different messages, sent again and again. */
const MESSAGES = 2000
/** How often bursts leave: some ten packets at once. */
const BURST_MS = 1
/** How often it is looked at how many rows came of it. */
const LOOK_MS = 500
/** Each message makes at least two packets: in, and out to the bench's own controller, which answers some. */
const LEAST_PACKETS = 2

export interface PacketLoad {
  stop(): void
}

/** Sends as many messages as it takes to make `rate` rows a second; `rows` answers how many came so far. */
export async function startPacketLoad(port: number, rate: number, rows: () => number): Promise<PacketLoad> {
  const endpoint = endpointId(5, 1)
  const topic = `oktopus/usp/v1/controller/${endpoint}`
  const templates = uspTemplates(5)
  const messages = Array.from({ length: MESSAGES }, (_, i) => {
    const template = templates[(i * 7) % templates.length] as (typeof templates)[number]
    return publish(topic, varied(template, endpoint, i), 0)
  })
  const from = await Promise.all(Array.from({ length: PUBLISHERS }, () => member(port)))
  const before = rows()
  let sent = 0
  /** Messages a second. */
  let pace = rate / LEAST_PACKETS
  const look = setInterval(() => {
    // Of all messages so far: rows that are late do not count as rows that do not come.
    pace = rate / Math.max(LEAST_PACKETS, (rows() - before) / sent)
  }, LOOK_MS)
  let owed = 0
  let last = performance.now()
  const burst = setInterval(() => {
    const now = performance.now()
    // After a pause the rest is not made up for at once.
    owed = Math.min(owed + ((now - last) * pace) / 1000, rate / 20)
    last = now
    const parts: Buffer[] = []
    for (; owed >= 1; owed--) parts.push(messages[sent++ % MESSAGES] as Buffer)
    if (parts.length > 0) from[sent % PUBLISHERS]?.socket.write(Buffer.concat(parts))
  }, BURST_MS)
  return {
    stop() {
      clearInterval(look)
      clearInterval(burst)
      for (const { socket } of from) socket.destroy()
    },
  }
}
