/** Capture files in memory, read whole or in pieces, for tests. */
import type { CaptureItem } from '../../../shared/pcapng/format.ts'
import { CaptureReader, type ReaderOptions } from '../../../shared/pcapng/reader.ts'

/** All items of a file; views in them are copied, so that they can be compared afterwards. */
export function readAll(
  file: Uint8Array,
  chunkBytes = file.length || 1,
  options?: ReaderOptions,
): CaptureItem[] {
  const items: CaptureItem[] = []
  const reader = new CaptureReader((item) => items.push(copied(item)), options)
  for (let at = 0; at < file.length; at += chunkBytes) {
    // Each chunk in memory of its own, which is overwritten when its items were told.
    const chunk = file.slice(at, at + chunkBytes)
    reader.push(chunk)
    chunk.fill(0xee)
  }
  reader.end()
  return items
}

function copied(item: CaptureItem): CaptureItem {
  if (!('data' in item)) return item
  const data = item.data.slice()
  return item.kind === 'packet'
    ? { ...item, data, bytes: data, start: 0, end: data.length, origin: item.origin + item.start }
    : { ...item, data }
}

export const ofKind = <K extends CaptureItem['kind']>(items: readonly CaptureItem[], kind: K) =>
  items.filter((item): item is Extract<CaptureItem, { kind: K }> => item.kind === kind)

/** A classic pcap file. */
export function pcapFile(
  { little = true, nanoseconds = false, linkType = 1, snapLength = 65_535 },
  packets: readonly { readonly sec: number; readonly fraction: number; readonly data: Uint8Array }[],
): Uint8Array {
  const file = Buffer.alloc(24 + packets.reduce((sum, { data }) => sum + 16 + data.length, 0))
  const view = new DataView(file.buffer, file.byteOffset)
  const u32 = (at: number, value: number) => view.setUint32(at, value, little)
  u32(0, nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4)
  view.setUint16(4, 2, little)
  view.setUint16(6, 4, little)
  u32(16, snapLength)
  u32(20, linkType)
  let at = 24
  for (const { sec, fraction, data } of packets) {
    u32(at, sec)
    u32(at + 4, fraction)
    u32(at + 8, data.length)
    u32(at + 12, data.length)
    file.set(data, at + 16)
    at += 16 + data.length
  }
  return new Uint8Array(file)
}

/** A pcapng block from its body, with any byte order. */
export function rawBlock(type: number, body: Uint8Array, little = true): Uint8Array {
  const size = 12 + ((body.length + 3) & ~3)
  const block = new Uint8Array(size)
  const view = new DataView(block.buffer)
  view.setUint32(0, type, little)
  view.setUint32(4, size, little)
  block.set(body, 8)
  view.setUint32(size - 4, size, little)
  return block
}
