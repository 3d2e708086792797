/**
 * Where the bytes of a capture's rows go and are read again. Offsets only grow, as in one endless file of which
 * the old end is cut off.
 */
import type { PacketNote } from '../../../shared/contract/model.ts'
import { estimateSpan, readPayload } from '../../../shared/pcapng/native-reader.ts'
import type { Who } from '../../../shared/pcapng/synthetic.ts'
import type { ConnectionClosed, ConnectionOpened, Direction } from './sink.ts'

/** Times are nanoseconds since the capture's epoch (clock.ts). */
export interface PacketLog {
  /** Bytes on the disk, those about to be written included. */
  readonly bytes: number
  opened(time: number, connection: number, facts: ConnectionOpened): void
  /** Who a connection is, once that is known. */
  identified(connection: number, who: Who): void
  /**
   * The packet in `bytes[start, end)`. Answers the offset at which it is read again. `no` 0: makes no row, is there
   * to be learned from.
   */
  frame(
    no: number,
    time: number,
    connection: number,
    direction: Direction,
    bytes: Uint8Array,
    start: number,
    end: number,
    malformed: boolean,
  ): number
  note(no: number, note: PacketNote): void
  closed(no: number, time: number, connection: number, facts: ConnectionClosed): number
  /** The MQTT packet of `length` bytes at `offset`: a view, to be used before the next call. */
  read(offset: number, length: number): Uint8Array
  /** Where the oldest part ends that can be dropped as a whole; undefined while it is the only one. */
  oldestEnd(): number | undefined
  /** Lets go of every part that lies wholly below `offset`. */
  dropBefore(offset: number): void
}

/**
 * The MQTT packet of `length` bytes that begins where `bytesOf` reads; that answers as many bytes as it is asked
 * for, or fewer where there are no more. RangeError when the packet is not there.
 */
export function readPacket(bytesOf: (span: number) => Uint8Array, length: number): Uint8Array {
  for (let span = estimateSpan(length); ;) {
    const bytes = bytesOf(span)
    const found = readPayload(bytes, length)
    if (typeof found !== 'number') return found
    if (bytes.length < span) throw new RangeError(`The end of a packet of ${length} bytes is missing.`)
    span = found
  }
}
