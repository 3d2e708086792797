/**
 * Messages of QoS 1 and 2 under way, both directions (Receive Maximum, MQTT 5.0, 4.9): those of the device that
 * the broker has not yet answered, and those of the broker that the device has not. What the device cannot take
 * yet waits here, in order.
 */
const [PUBLISH, PUBACK, PUBREC, PUBCOMP] = [3, 4, 5, 7]
const FIRST_ERROR = 0x80
const MAX_GONE = 4096

export class Flow {
  readonly #inbound = new Set<number>()
  readonly #outbound = new Set<number>()
  #waiting: Buffer[] = []
  /** Of those that wait; the ones before it have gone. */
  #first = 0
  #bytes = 0
  /** Messages that may be under way to the device; known after its CONNECT. */
  outboundLimit = 65_535

  /** Bytes that wait for the device to answer. */
  get bytes(): number {
    return this.#bytes
  }

  /** The device sent a message; answers how many of it are under way. One sent again counts once. */
  received(packetId: number): number {
    return this.#inbound.add(packetId).size
  }

  /** The device answered: PUBACK, PUBCOMP, or a PUBREC that says no. */
  answered(packetId: number): void {
    this.#outbound.delete(packetId)
  }

  /** Keeps a message back, if the device cannot take it now or others wait before it. */
  holds(frame: Buffer): boolean {
    if (!isAnswered(frame)) return false
    if (this.#first === this.#waiting.length && this.#outbound.size < this.outboundLimit) return false
    // A copy: the bytes are a part of what the broker wrote in one turn.
    this.#waiting.push(Buffer.from(frame))
    this.#bytes += frame.length
    return true
  }

  /** The next message that may go now, taken out of the queue. */
  next(): Buffer | undefined {
    if (this.#outbound.size >= this.outboundLimit) return undefined
    const frame = this.#waiting[this.#first]
    if (frame === undefined) return undefined
    this.#bytes -= frame.length
    this.#first += 1
    // Cut off in large pieces: each cut moves all that follow.
    if (this.#first === this.#waiting.length || this.#first === MAX_GONE) {
      this.#waiting = this.#waiting.slice(this.#first)
      this.#first = 0
    }
    return frame
  }

  /** A packet goes to the device: a message is under way now, or one of the device is answered. */
  sent(frame: Buffer): void {
    if (isAnswered(frame)) {
      this.#outbound.add(messageId(frame))
      return
    }
    const type = (frame[0] as number) >> 4
    if (type !== PUBACK && type !== PUBCOMP && type !== PUBREC) return
    const at = headerLength(frame)
    // Packet ID, then the reason code where there is one.
    const failed = (frame[at + 2] ?? 0) >= FIRST_ERROR
    if (type !== PUBREC || failed) this.#inbound.delete(frame.readUInt16BE(at))
  }
}

/** A PUBLISH of QoS 1 or 2. */
const isAnswered = (frame: Buffer): boolean =>
  (frame[0] as number) >> 4 === PUBLISH && ((frame[0] as number) & 0x06) > 0

/** Of the fixed header. */
function headerLength(frame: Buffer): number {
  let at = 1
  while ((frame[at] as number) & 0x80) at++
  return at + 1
}

function messageId(frame: Buffer): number {
  const at = headerLength(frame)
  return frame.readUInt16BE(at + 2 + frame.readUInt16BE(at))
}
