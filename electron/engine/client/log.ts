/** What clients sent and received, the newest packets of it, with their bytes. */
import type { ClientPacketRow } from '../../../shared/contract/mqtt-client.ts'
import type { ProtocolLevel } from '../../../shared/mqtt/packets.ts'

/** Together for all clients: the oldest go first. */
const MAX_ROWS = 20_000
const MAX_BYTES = 32 << 20
/** What goes makes this much room, so that a full log does not move all its rows for each one. */
const ROOM = 0.02
/** What a row costs beside its packet, as an estimate. */
const ROW_BYTES = 400

export interface LoggedPacket {
  row: ClientPacketRow
  readonly bytes: Uint8Array
  readonly level: ProtocolLevel
}

export interface LogWatcher {
  /** Packets were added or their rows changed. */
  changed(): void
  /** Packets below this number are gone; or, with `all`, any of them may be. */
  dropped(below: number, all: boolean): void
  /** This row is new, or was changed. */
  touched?(no: number, isNew: boolean): void
  /** A person wants no more of those below this number: of one client, or of all. */
  cleared?(client: string | undefined, below: number): void
}

export class PacketLog {
  #packets: LoggedPacket[] = []
  #bytes = 0
  #last = 0
  #dropped = 0
  readonly #watchers = new Set<LogWatcher>()

  /** Packets that had to go, since the start. */
  get dropped(): number {
    return this.#dropped
  }
  /** Oldest first. */
  get packets(): readonly LoggedPacket[] {
    return this.#packets
  }

  /** What was kept from earlier, before any is added; `dropped` had to go then. */
  restore(packets: readonly LoggedPacket[], dropped: number): void {
    this.#last = packets.at(-1)?.row.no ?? 0
    this.#packets = [...packets]
    this.#bytes = sizeOf(packets)
    this.#dropped = dropped
    this.#trim()
    for (const watcher of this.#watchers) watcher.dropped(0, true)
  }

  /** Answers its number. */
  add(row: Omit<ClientPacketRow, 'no'>, bytes: Uint8Array, level: ProtocolLevel): number {
    const no = ++this.#last
    this.#packets.push({ row: { ...row, no }, bytes, level })
    this.#bytes += bytes.length + ROW_BYTES
    if (this.#trim()) {
      const first = this.#packets[0]?.row.no ?? no
      for (const watcher of this.#watchers) watcher.dropped(first, false)
    }
    this.#touch(no, true)
    return no
  }

  /** Nothing happens when it is no longer held. */
  change(no: number, change: (row: ClientPacketRow) => Partial<ClientPacketRow>): void {
    const found = this.get(no)
    if (!found) return
    found.row = { ...found.row, ...change(found.row) }
    this.#touch(no, false)
  }

  get(no: number): LoggedPacket | undefined {
    const found = this.#packets[this.placeOf(no)]
    return found?.row.no === no ? found : undefined
  }

  /** Place in `packets` of the first one with this number or a higher one. */
  placeOf(no: number): number {
    let low = 0
    let high = this.#packets.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#packets[middle] as LoggedPacket).row.no < no) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Forgets all packets, or those of one client. */
  clear(client: string | undefined): void {
    this.#packets = client === undefined ? [] : this.#packets.filter(({ row }) => row.client !== client)
    this.#bytes = sizeOf(this.#packets)
    if (client === undefined) this.#dropped = 0
    for (const watcher of this.#watchers) {
      watcher.dropped(this.#last + 1, true)
      watcher.cleared?.(client, this.#last + 1)
    }
  }

  /** Answers the function that ends it. */
  watch(watcher: LogWatcher): () => void {
    this.#watchers.add(watcher)
    return () => void this.#watchers.delete(watcher)
  }

  /** One packet stays, however large it is. */
  #isFull(gone: number, room: number): boolean {
    const left = this.#packets.length - gone
    return left > MAX_ROWS * (1 - room) || (this.#bytes > MAX_BYTES * (1 - room) && left > 1)
  }

  /** Lets the oldest go; answers whether any had to. */
  #trim(): boolean {
    if (!this.#isFull(0, 0)) return false
    let gone = 0
    while (this.#isFull(gone, ROOM)) this.#bytes -= (this.#packets[gone++]?.bytes.length ?? 0) + ROW_BYTES
    this.#packets.splice(0, gone)
    this.#dropped += gone
    return gone > 0
  }

  #touch(no: number, isNew: boolean): void {
    for (const watcher of this.#watchers) {
      watcher.touched?.(no, isNew)
      watcher.changed()
    }
  }
}

const sizeOf = (packets: readonly LoggedPacket[]): number =>
  packets.reduce((sum, { bytes }) => sum + bytes.length + ROW_BYTES, 0)
