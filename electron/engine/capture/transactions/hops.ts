/**
 * One Msg makes several packets on its way through the bench: one in, one out to each who gets it, more where MQTT
 * delivers again. This tells them from the same Msg said again by who sent it. Where only what goes out was
 * captured, the first packet that goes out stands for what was said.
 */

import { Recent } from '../../../../shared/collections/recent.ts'
import { msgTypes, type UspPeek } from '../../../../shared/usp/peek.ts'

/** Msgs remembered; of those that were said longest ago nothing is passed on any more. */
const MAX_REMEMBERED = 20_000

type Named = Pick<UspPeek, 'fromId' | 'toId' | 'msgId' | 'msgType'>

interface Msg {
  readonly name: Named
  transaction: number
  /** How often it was said. */
  said: number
  /** Ways that it took, each followed by how often: a way is a connection and a direction. */
  readonly ways: number[]
}

/** How a packet went: over which way, out of the bench or in, and whether MQTT says that it goes again (DUP). */
export interface Passage {
  /** Id of its msg_id in the index: a number is found faster than texts put together. */
  readonly msgId: number
  readonly way: number
  readonly out: boolean
  readonly dup: boolean
}

export class Hops {
  readonly #msgs = new Recent<number, Msg>(MAX_REMEMBERED)

  /** The transaction of the Msg that this packet only carries on; 0 when the Msg is said by it. */
  carried(name: Named, passage: Passage): number {
    const { way, out, dup } = passage
    const msg = this.#msgs.get(keyOf(name, passage))
    if (msg === undefined || !isSame(msg.name, name)) return 0
    const before = timesOf(msg, way)
    // [MQTT-3.3.1-1]
    if (dup && before > 0) return msg.transaction
    if (!out || before >= msg.said) return 0
    count(msg, way, before + 1)
    return msg.transaction
  }

  /** The Msg is said by this packet. */
  say(name: Named, passage: Passage, transaction: number): void {
    const { way, out } = passage
    const key = keyOf(name, passage)
    const known = this.#msgs.get(key)
    const { fromId, toId, msgId, msgType } = name
    const msg =
      known && isSame(known.name, name)
        ? known
        : { name: { fromId, toId, msgId, msgType } as Named, transaction, said: 0, ways: [] }
    msg.transaction = transaction
    msg.said += 1
    count(msg, way, out ? msg.said : timesOf(msg, way) + 1)
    this.#msgs.set(key, msg)
  }
}

const isSame = (a: Named, b: Named): boolean =>
  a.msgType === b.msgType && a.fromId === b.fromId && a.toId === b.toId && a.msgId === b.msgId

/**
 * Different for nearly all Msgs that are on their way at once; who is asked compares the names. 32 bits, because a
 * `Map` makes an object of a key that is larger.
 */
function keyOf({ fromId, toId, msgType = 'ERROR' }: Named, { msgId }: Passage): number {
  let hash = Math.imul(msgId * 32 + msgTypes.indexOf(msgType), 0x9e37_79b1)
  for (let i = 0; i < fromId.length; i++) hash = (Math.imul(hash, 31) + fromId.charCodeAt(i)) | 0
  for (let i = 0; i < toId.length; i++) hash = (Math.imul(hash, 31) + toId.charCodeAt(i)) | 0
  return hash
}

function timesOf({ ways }: Msg, way: number): number {
  for (let at = 0; at < ways.length; at += 2) if (ways[at] === way) return ways[at + 1] as number
  return 0
}

function count({ ways }: Msg, way: number, times: number): void {
  let at = 0
  while (at < ways.length && ways[at] !== way) at += 2
  ways[at] = way
  ways[at + 1] = times
}
