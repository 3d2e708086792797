/** The Records of a capture as a flow is made of them: each once, however often the bench passed it on. */
import { MAX_EXCHANGED, type Exchange } from '../../../shared/contract/flow-record.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { toBase64 } from '../../../shared/dissect/copy.ts'
import { msgJson } from '../../../shared/flow/messages.ts'
import type { RecordedPacket } from '../../../shared/flow/record/recorder.ts'
import { decodeMsg } from '../../../shared/usp/codec.ts'
import { peekMsg, peekRecord, type UspPeek } from '../../../shared/usp/peek.ts'
import type { Archive } from './archive.ts'
import { instantAt } from './clock.ts'
import { Way } from './columns.ts'
import type { ExchangeRequest } from './protocol.ts'
import { emptyHead, scanPublish } from './publish-head.ts'
import { matchingRows } from './questions.ts'
import { bytesOf, type Parts } from './rows.ts'
import { segmentedMsg } from './session-fields.ts'
import { Hops } from './transactions/hops.ts'
import { pause, type Work } from './work.ts'

const PUBLISH = 3
const DUP = 0x8
const PAUSE_EVERY = 100
/** Bytes of all Records together; more do not fit through the border in one piece. */
const MAX_BYTES = 32 << 20

/** Rejects with a BenchFailure for a filter that is none. */
export async function exchangeOf(
  archive: Archive,
  { filter, from = 0, to = Infinity }: ExchangeRequest,
  work: Work,
): Promise<Exchange> {
  const { parts } = archive
  const hops = new Hops()
  const packets: RecordedPacket[] = []
  const clientIds: Record<string, string> = {}
  let [more, bytes, looked] = [0, 0, 0]
  for await (const run of matchingRows(archive, filter, work)) {
    for (const no of run) {
      if (no < from || no > to || !parts.columns.has(no)) continue
      const said = recordOf(parts, no, hops)
      if (!said) continue
      const { packet, size } = said
      bytes += size
      if (packets.length >= MAX_EXCHANGED || bytes > MAX_BYTES) more += 1
      else packets.push(packet)
      const { endpointId, clientId } = parts.connections.at(parts.columns.get(no, 'connection')).facts
      if (endpointId && clientId && clientId !== endpointId) clientIds[endpointId] = clientId
      if (++looked % PAUSE_EVERY === 0) await pause(work)
    }
  }
  if (packets.length === 0 && more > 0)
    throw new BenchFailure('unavailable', 'These Records are too large to be made a flow of.')
  return { packets, clientIds, more }
}

/** `undefined` for what is no Record, a segment before the last, and a copy on its way. */
function recordOf(
  parts: Parts,
  no: number,
  hops: Hops,
): { readonly packet: RecordedPacket; readonly size: number } | undefined {
  const { columns, connections, epoch } = parts
  const { chunk, from: i } = columns.run(no)
  if (chunk.type[i] !== PUBLISH || chunk.usp[i] === 0) return undefined
  const { slot, level, facts } = connections.at(chunk.connection[i] as number)
  const bytes = bytesOf(parts, no)
  const head = emptyHead()
  if (!scanPublish(bytes, 0, bytes.length, level, head)) return undefined
  const peek = peekRecord(bytes, head.payloadStart, bytes.length)
  const { sec, nsec } = instantAt(epoch, chunk.time[i] as number)
  const place = { no, time: sec * 1000 + nsec / 1e6 }
  if (!peek) {
    // Called a Record, and none: it says nothing of who it is for, so it counts where it is handed to a device.
    const { endpointId } = facts
    if (chunk.direction[i] !== Way.out || !endpointId) return undefined
    const garbage = bytes.slice(head.payloadStart)
    return { packet: { ...place, from: '', to: endpointId, bytes: garbage }, size: garbage.length }
  }
  const whole = segmentedMsg(parts, no)
  if (peek.kind === 'session_context' && !whole && peek.msg === undefined) return undefined
  const named: UspPeek = whole
    ? { ...endpointsOf(peek), ...peekMsg(whole, { start: 0, end: whole.length }) }
    : peek
  const passage = {
    msgId: chunk.msgId[i] as number,
    way: slot * 2 + (chunk.direction[i] === Way.out ? 1 : 0),
    out: chunk.direction[i] === Way.out,
    dup: ((chunk.flags[i] as number) & DUP) !== 0,
  }
  const payload = bytes.slice(head.payloadStart)
  // A Record without a msg_id is known by all that is in it.
  const name = named.msgId === undefined ? { ...endpointsOf(peek), msgId: toBase64(payload) } : named
  if (hops.carried(name, passage) !== 0) return undefined
  hops.say(name, passage, no)
  const msg = msgOf(whole ?? (peek.msg && bytes.subarray(peek.msg.start, peek.msg.end)))
  const packet: RecordedPacket = {
    ...place,
    from: peek.fromId,
    to: peek.toId,
    ...(msg ? { msg } : { bytes: payload }),
  }
  return { packet, size: whole?.length ?? payload.length }
}

const endpointsOf = ({ kind, version, fromId, toId }: UspPeek): UspPeek => ({ kind, version, fromId, toId })

/** Nothing for a Msg that cannot be decoded: its Record is sent again as the bytes it is. */
function msgOf(bytes: Uint8Array | undefined): RecordedPacket['msg'] {
  try {
    return bytes && msgJson(decodeMsg(bytes))
  } catch {
    return undefined
  }
}
