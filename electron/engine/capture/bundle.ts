/** Evidence bundles: what is in them, and what is read back besides the packets. */
import type { CaptureEvidence } from '../../../shared/contract/model.ts'
import { checkedEvidence, holdsEvidence } from './evidence.ts'
import { openEntry } from './export/zip.ts'

/** Names inside a bundle. */
export const BUNDLE_CAPTURE = 'capture.pcapng'
export const BUNDLE_PACKETS = 'packets.jsonl'
export const BUNDLE_MANIFEST = 'manifest.json'
export const BUNDLE_FACTS = 'capture.json'
export const BUNDLE_DEVICES = 'devices.json'
export const BUNDLE_LISTENERS = 'listeners.json'
/** Of what is described here. Raised when older benches could not read it. */
export const BUNDLE_VERSION = 1

/** What the bench knows besides packets. */
export interface Evidence {
  /** All it has met; those that no exported packet belongs to are not handed over. */
  readonly devices: readonly { readonly endpointId: string }[]
  /** File name to text. */
  readonly files: Readonly<Record<string, string>>
}

/** What a bundle tells of the capture that it was made from; marks stand at the packets themselves. */
export interface BundleFacts {
  readonly name?: string
  readonly note?: string
  /** Of the packets that were exported; empty when all were. */
  readonly filter?: string
  readonly evidence?: CaptureEvidence
}

/** No bench writes more; a wrong file may hold it. Ten thousand devices take half of that. */
const MAX_BYTES = 16 * 1024 * 1024
const MAX_TEXT = 100_000

/** Reads what is there and fits; a bundle without it is none the worse. */
export async function readBundleFacts(path: string): Promise<BundleFacts> {
  const [facts, manifest, devices, listeners] = await Promise.all(
    [BUNDLE_FACTS, BUNDLE_MANIFEST, BUNDLE_DEVICES, BUNDLE_LISTENERS].map((name) => readJson(path, name)),
  )
  const evidence = checkedEvidence(devices, listeners)
  return {
    ...member(facts, 'name'),
    ...member(facts, 'note'),
    ...member(manifest, 'filter'),
    ...(holdsEvidence(evidence) && { evidence }),
  }
}

function member<N extends 'name' | 'note' | 'filter'>(value: unknown, name: N): Pick<BundleFacts, N> {
  const text: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  const fits = typeof text === 'string' && text !== '' && text.length <= MAX_TEXT
  return (fits ? { [name]: text } : {}) as Pick<BundleFacts, N>
}

async function readJson(path: string, name: string): Promise<unknown> {
  const pieces: Uint8Array[] = []
  let size = 0
  try {
    for await (const piece of await openEntry(path, name)) {
      size += piece.length
      if (size > MAX_BYTES) return undefined
      pieces.push(piece)
    }
    return JSON.parse(Buffer.concat(pieces).toString('utf8'))
  } catch {
    return undefined
  }
}
