/** A proxy on the loopback interface that remembers what went through it, in order. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { type Direction, type Frame, Talk, type TalkOptions } from './talk.ts'

export interface Recording {
  readonly port: number
  /** Frames of the connections so far, closed where they closed. */
  frames(options?: TalkOptions): Frame[]
  close(): Promise<void>
}

interface Step {
  readonly direction: Direction
  readonly bytes: Uint8Array
}

export const portOf = (server: Server): number => (server.address() as AddressInfo).port

export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return portOf(server)
}

export async function recordTo(target: number): Promise<Recording> {
  const connections: Step[][] = []
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const steps: Step[] = []
    connections.push(steps)
    const upstream = connect(target, '127.0.0.1')
    const pass = (from: Socket, to: Socket, direction: Direction) => {
      sockets.add(from)
      from.setNoDelay(true)
      from.on('data', (bytes) => {
        steps.push({ direction, bytes: new Uint8Array(bytes) })
        to.write(bytes)
      })
      from.on('end', () => to.end())
      from.on('error', () => to.destroy())
    }
    pass(client, upstream, 'in')
    pass(upstream, client, 'out')
  })
  const port = await listen(server)
  return {
    port,
    frames: (options = {}) =>
      connections.flatMap((steps, i) => {
        const talk = new Talk({ clientPort: 50_000 + i, ...options })
        const frames = talk.open()
        for (const { direction, bytes } of steps) frames.push(...talk.send(direction, bytes))
        return [...frames, ...talk.close()]
      }),
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
