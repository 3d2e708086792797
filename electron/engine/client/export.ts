/**
 * The packets of a client as pcapng, in the form of the bench's own files: Wireshark opens it, and the bench reads it
 * back, so that what went over another broker can be judged and looked at as its own.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { MqttError } from '../../../shared/mqtt/error.ts'
import { connectLesson } from '../../../shared/pcapng/lessons.ts'
import type { OpenedFacts } from '../../../shared/pcapng/facts.ts'
import { SyntheticWriter } from '../../../shared/pcapng/synthetic.ts'
import { FileSink } from '../capture/export/sink.ts'
import type { LoggedPacket } from './log.ts'

/** Packets between two turns, as the broker shares this thread. */
const AT_A_TIME = 500

export interface ExportSource {
  readonly packets: readonly LoggedPacket[]
  readonly clientId: string
  /** As the broker would see it. */
  readonly line: OpenedFacts
}

/** Rejects with the system's error when the file cannot be written; nothing remains of it then. */
export async function exportPackets({ packets, clientId, line }: ExportSource, path: string): Promise<void> {
  const sink = new FileSink(path)
  try {
    const file = new PacketFile(clientId, line)
    for (const [index, packet] of packets.entries()) {
      file.add(packet)
      if (index % AT_A_TIME !== AT_A_TIME - 1) continue
      sink.write(file.take())
      await nextTurn()
    }
    sink.write(file.take())
    sink.finish()
  } catch (error) {
    sink.discard()
    throw error
  }
}

class PacketFile {
  readonly #writer = new SyntheticWriter({ section: { application: 'Oktobench' } })
  readonly #clientId: string
  readonly #line: OpenedFacts
  /** Each CONNECT begins another. */
  #connection = 0
  #open = false
  #no = 0

  constructor(clientId: string, line: OpenedFacts) {
    this.#clientId = clientId
    this.#line = line
  }

  take(): Uint8Array {
    return this.#writer.take()
  }

  add({ row, bytes, level }: LoggedPacket): void {
    const time = { sec: Math.floor(row.time / 1000), nsec: Math.floor((row.time % 1000) * 1e6) }
    if (row.type === 'NOTE') return this.#close(time, 'network', row.info)
    if (row.type === 'CONNECT') this.#close(time, 'network', '')
    if (!this.#open) this.#begin(time, row.type === 'CONNECT' ? undefined : level)
    // What a client sends comes in at the broker.
    this.#writer.frame(++this.#no, time, this.#connection, row.direction === 'out' ? 'in' : 'out', bytes)
    if (row.type === 'DISCONNECT') this.#close(time, row.direction === 'out' ? 'device' : 'bench', '')
  }

  /** `level`: its CONNECT is no longer held, so the reader is told what it needs of it. */
  #begin(time: { sec: number; nsec: number }, level: LoggedPacket['level'] | undefined): void {
    this.#connection++
    this.#open = true
    this.#writer.opened(time, this.#connection, this.#line)
    this.#writer.identified(this.#connection, { clientId: this.#clientId, endpointId: '' })
    if (level === undefined) return
    try {
      const { direction, bytes } = connectLesson({ level, clientId: this.#clientId })
      this.#writer.frame(0, time, this.#connection, direction, bytes)
    } catch (error) {
      // A client ID that no CONNECT can have: then without it.
      if (!(error instanceof RangeError || error instanceof MqttError)) throw error
    }
  }

  #close(time: { sec: number; nsec: number }, by: 'device' | 'bench' | 'network', reason: string): void {
    if (!this.#open) return
    this.#open = false
    this.#writer.closed(++this.#no, time, this.#connection, { by, reason, probe: false })
  }
}
