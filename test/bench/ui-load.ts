/** The load of the Packets view (packet-load.ts). */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { constants, setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'

/** How often it is told how many rows came of it. */
const TELL_MS = 500

export interface PacketLoad {
  stop(): void
}

/**
 * Sends as many messages as it takes to make `rate` rows a second; `rows` answers how many came so far. Devices have
 * processors of their own: here they take what the bench and its page leave, and the rate shows whether that is enough.
 */
export async function startPacketLoad(port: number, rate: number, rows: () => number): Promise<PacketLoad> {
  const script = fileURLToPath(new URL('./packet-load.js', import.meta.url))
  const child = fork(script, [String(port), String(rate)])
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW)
  const before = rows()
  await once(child, 'message')
  const tell = setInterval(() => child.send(rows() - before), TELL_MS)
  return {
    stop() {
      clearInterval(tell)
      child.kill()
    },
  }
}
