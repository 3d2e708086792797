/**
 * USP of one device at a given rate of rows in the capture, as a process of its own: `packet-load.js PORT RATE`. Whoever
 * starts it tells it twice a second how many rows came, and is told when it sends.
 */
import { publish, member } from './load.ts'
import { endpointId, uspTemplates, varied } from './usp-traffic.ts'

const PUBLISHERS = 10
/** Different messages, sent again and again. */
const MESSAGES = 2000
/** How often bursts leave: some ten packets at once. */
const BURST_MS = 1
/** Each message makes at least two packets: in, and out to the bench's own controller, which answers some. */
const LEAST_PACKETS = 2

const [port = 0, rate = 0] = process.argv.slice(2).map(Number)
const endpoint = endpointId(5, 1)
const topic = `oktopus/usp/v1/controller/${endpoint}`
const templates = uspTemplates(5)
const messages = Array.from({ length: MESSAGES }, (_, i) => {
  const template = templates[(i * 7) % templates.length] as (typeof templates)[number]
  return publish(topic, varied(template, endpoint, i), 0)
})
const from = await Promise.all(Array.from({ length: PUBLISHERS }, () => member(port)))
let sent = 0
/** Messages a second. */
let pace = rate / LEAST_PACKETS
process.on('message', (rows: number) => {
  // Of all messages so far: rows that are late do not count as rows that do not come.
  if (sent > 0) pace = rate / Math.max(LEAST_PACKETS, rows / sent)
})
// Its parent ended.
process.on('disconnect', () => process.exit(0))
let owed = 0
let last = performance.now()
setInterval(() => {
  const now = performance.now()
  // After a pause the rest is not made up for at once.
  owed = Math.min(owed + ((now - last) * pace) / 1000, rate / 20)
  last = now
  const parts: Buffer[] = []
  for (; owed >= 1; owed--) parts.push(messages[sent++ % MESSAGES] as Buffer)
  if (parts.length > 0) from[sent % PUBLISHERS]?.socket.write(Buffer.concat(parts))
}, BURST_MS)
process.send?.('sends')
