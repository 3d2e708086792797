/** A line to a peer that carries bytes: a TCP socket or the messages of a WebSocket, looking alike. */
import type { Socket } from 'node:net'
import type { RawData, WebSocket } from 'ws'

export interface TransportEvents {
  data(chunk: Buffer): void
  /** The line is gone; told exactly once. `error` says why when it was no orderly close. */
  closed(error: Error | undefined): void
}

export interface Transport {
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localAddress: string
  /** Bytes handed over but not yet taken by the operating system. */
  readonly buffered: number
  start(events: TransportEvents): void
  /** `taken` is called when the operating system took them, or the line is gone. */
  write(bytes: Uint8Array, taken?: () => void): void
  pause(): void
  resume(): void
  /** Sends what is waiting, then closes; a peer that does not take it is cut off after a second. */
  end(): void
}

const GRACE_MS = 1000
/** A peer that vanished without a word, and has Keep Alive 0, is noticed some ten seconds after this much silence. */
const PROBE_AFTER_MS = 60_000

function prepare(socket: Socket): void {
  // Without this, small acknowledgements wait for the peer's delayed ACK: 44 ms at QoS 1.
  socket.setNoDelay(true)
  socket.setKeepAlive(true, PROBE_AFTER_MS)
}

const plain = (address: string | undefined): string => (address ?? '').replace(/^::ffff:(?=\d+\.)/, '')

export function tcpTransport(socket: Socket): Transport {
  prepare(socket)
  return {
    remoteAddress: plain(socket.remoteAddress),
    remotePort: socket.remotePort ?? 0,
    localAddress: plain(socket.localAddress),
    get buffered() {
      return socket.writableLength
    },
    start(events) {
      let failure: Error | undefined
      socket.on('data', events.data)
      socket.on('error', (error) => (failure = error))
      socket.on('close', () => events.closed(failure))
    },
    write: (bytes, taken) => void socket.write(bytes, taken),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end() {
      if (socket.destroyed) return
      const cut = setTimeout(() => socket.destroy(), GRACE_MS)
      socket.on('close', () => clearTimeout(cut))
      // What still comes is read and dropped until the peer closes as well: a socket that is closed over unread
      // bytes is reset, and the peer would not get to read why.
      socket.resume()
      socket.end()
    },
  }
}

/** WebSocket close codes used here (RFC 6455, 7.4.1). */
const NORMAL = 1000
const UNSUPPORTED_DATA = 1003

export function webSocketTransport(socket: WebSocket, tcp: Socket): Transport {
  prepare(tcp)
  return {
    remoteAddress: plain(tcp.remoteAddress),
    remotePort: tcp.remotePort ?? 0,
    localAddress: plain(tcp.localAddress),
    get buffered() {
      return socket.bufferedAmount
    },
    start(events) {
      let failure: Error | undefined
      socket.on('message', (data: RawData, binary: boolean) => {
        if (!binary) {
          // [MQTT-6.0.0-1]
          failure = new Error('a WebSocket text frame came; MQTT packets travel in binary frames')
          socket.close(UNSUPPORTED_DATA)
          return
        }
        events.data(
          Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data),
        )
      })
      socket.on('error', (error) => (failure = error))
      socket.on('close', () => events.closed(failure))
    },
    write: (bytes, taken) => socket.send(bytes, taken),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    end() {
      if (socket.readyState === socket.CLOSED) return
      const cut = setTimeout(() => socket.terminate(), GRACE_MS)
      socket.on('close', () => clearTimeout(cut))
      socket.resume()
      socket.close(NORMAL)
    },
  }
}
