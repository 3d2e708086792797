/** The Records that a real agent and its controller sent each other, each once: as they came to the broker. */
import { msgJson } from '../../../shared/flow/messages.ts'
import type { RecordedPacket } from '../../../shared/flow/record/recorder.ts'
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import type { ProtocolLevel } from '../../../shared/mqtt/packets.ts'
import { decodeMsg, decodeRecord } from '../../../shared/usp/codec.ts'
import { readStreams } from '../../fixtures/pcap.ts'
import { captureFile } from '../usp/publishes.ts'

export const TOUR_DEVICES = ['os::00256D-TOUR5', 'os::00256D-TOUR311'] as const

export function readTour(): RecordedPacket[] {
  const found: Omit<RecordedPacket, 'no'>[] = []
  for (const { chunks } of readStreams(captureFile('obuspa-tour.pcapng'))) {
    let level: ProtocolLevel = 5
    let held = new Uint8Array(0)
    for (const { dir, time, bytes } of chunks) {
      if (dir !== 'out') continue
      held = new Uint8Array([...held, ...bytes])
      for (let size = frameSize(held); size !== undefined; size = frameSize(held)) {
        const packet = decodePacket(held.slice(0, size), level)
        held = held.slice(size)
        if (packet.type === 'CONNECT') level = packet.level
        if (packet.type === 'PUBLISH')
          found.push(recorded(packet.payload, packet.topic, Number(time / 1000n) / 1000))
      }
    }
  }
  return found.sort((one, other) => one.time - other.time).map((packet, at) => ({ ...packet, no: at + 1 }))
}

function recorded(payload: Uint8Array, topic: string, time: number): Omit<RecordedPacket, 'no'> {
  try {
    const { fromId, toId, recordType } = decodeRecord(payload)
    const msg =
      recordType.case === 'noSessionContext' ? { msg: msgJson(decodeMsg(recordType.value.payload)) } : {}
    return { time, from: fromId, to: toId, bytes: payload, ...msg }
  } catch {
    // Not a Record; its topic says for whom it was.
    const device = TOUR_DEVICES.find((id) => topic.includes(id.slice(-5))) ?? TOUR_DEVICES[0]
    return { time, from: '', to: device, bytes: payload }
  }
}

/** Bytes of the first frame; `undefined` while it is not whole. */
function frameSize(bytes: Uint8Array): number | undefined {
  let length = 0
  for (let at = 1; at < bytes.length && at < 5; at++) {
    const byte = bytes[at] as number
    length |= (byte & 0x7f) << (7 * (at - 1))
    if (byte < 0x80) return bytes.length >= at + 1 + length ? at + 1 + length : undefined
  }
  return undefined
}
