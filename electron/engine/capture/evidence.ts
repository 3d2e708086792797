/** What a bundle tells of devices and listeners: kept beside the packets of the capture that it became. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CaptureEvidence, EvidenceDevice, EvidenceListener } from '../../../shared/contract/model.ts'
import { errorCode, writeWhole } from '../workspace/files.ts'

const EVIDENCE_FILE = 'evidence.json'
const VERSION = 1
/** As many as are worth a list; how many more there were is told. */
const MAX_DEVICES = 1000
const MAX_LISTENERS = 50
const MAX_TEXT = 500

const noEvidence: CaptureEvidence = { devices: [], listeners: [], moreDevices: 0 }

/** The members that fit, of files that anybody may have written. */
export function checkedEvidence(devices: unknown, listeners: unknown): CaptureEvidence {
  const all = listOf(devices, deviceOf)
  return {
    devices: all.slice(0, MAX_DEVICES),
    moreDevices: Math.max(0, all.length - MAX_DEVICES),
    listeners: listOf(listeners, listenerOf).slice(0, MAX_LISTENERS),
  }
}

export const holdsEvidence = ({ devices, listeners }: CaptureEvidence): boolean =>
  devices.length + listeners.length > 0

export const writeEvidence = (folder: string, evidence: CaptureEvidence): Promise<void> =>
  writeWhole(join(folder, EVIDENCE_FILE), `${JSON.stringify({ version: VERSION, ...evidence }, null, 2)}\n`)

/** Empty for a capture without. Rejects when the file is there and cannot be read. */
export async function readEvidence(folder: string): Promise<CaptureEvidence> {
  try {
    const kept: unknown = JSON.parse(await readFile(join(folder, EVIDENCE_FILE), 'utf8'))
    const evidence = checkedEvidence(memberOf(kept, 'devices'), memberOf(kept, 'listeners'))
    const more = memberOf(kept, 'moreDevices')
    return { ...evidence, moreDevices: Number.isSafeInteger(more) ? (more as number) : 0 }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return noEvidence
    throw error
  }
}

/** What the controller of that bench asked for. */
const learned = ['manufacturer', 'modelName', 'softwareVersion', 'serialNumber', 'productClass'] as const

function deviceOf(value: unknown): EvidenceDevice | undefined {
  const endpointId = textOf(value, 'endpointId')
  if (endpointId === undefined) return undefined
  return {
    endpointId,
    ...texts(value, ['remoteAddress', 'transport', 'version', 'clientId', 'username']),
    // In a bundle as the bench has them, in what is kept beside the rest.
    ...texts(memberOf(value, 'usp'), learned),
    ...texts(value, learned),
  }
}

function listenerOf(value: unknown): EvidenceListener | undefined {
  const [label, host, state] = ['label', 'host', 'state'].map((name) => textOf(value, name))
  if (label === undefined || host === undefined || state === undefined) return undefined
  return { label, host, state }
}

const listOf = <T>(value: unknown, read: (item: unknown) => T | undefined): T[] =>
  (Array.isArray(value) ? value : []).flatMap((item: unknown) => read(item) ?? [])

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined

function textOf(value: unknown, name: string): string | undefined {
  const text = memberOf(value, name)
  return typeof text === 'string' && text !== '' && text.length <= MAX_TEXT ? text : undefined
}

function texts<N extends string>(value: unknown, names: readonly N[]): Partial<Record<N, string>> {
  const found = names.map((name) => [name, textOf(value, name)] as const)
  return Object.fromEntries(found.filter(([, text]) => text !== undefined)) as Partial<Record<N, string>>
}
