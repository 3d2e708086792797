/** `capture.json`: what is known of a capture besides its packets. */
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode, setAside, writeWhole } from '../workspace/files.ts'

export const CAPTURE_FILE = 'capture.json'
const VERSION = 1
/** More marks than a person makes. */
export const MAX_MARKS = 100_000

export interface CaptureFacts {
  readonly name: string
  readonly note: string
  readonly pinned: boolean
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly endedAt?: string
  readonly rows?: number
  readonly droppedRows: number
  /** Number of the first row that was ever meant to be kept: moves on when the capture is emptied. */
  readonly firstRow: number
  /** Numbers, as they stand in the files, of the rows that the person marked. */
  readonly marks: readonly number[]
  readonly importedFrom?: string
  /** Of an evidence bundle: the filter that its packets were chosen by. */
  readonly filter?: string
  /** What came with it stands in a file beside this one. */
  readonly evidence?: boolean
  readonly remark?: string
}

/** Reads it; one that is broken is set aside and said so in the remark, and the name is that of the folder. */
export async function readCaptureFile(folder: string, id: string, now: Date): Promise<CaptureFacts> {
  const path = join(folder, CAPTURE_FILE)
  const unknown: CaptureFacts = {
    name: id,
    note: '',
    pinned: false,
    startedAt: now.toISOString(),
    endedAt: now.toISOString(),
    droppedRows: 0,
    firstRow: 1,
    marks: [],
  }
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { ...unknown, remark: `${CAPTURE_FILE} was missing.` }
    throw error
  }
  try {
    const value: unknown = JSON.parse(text)
    if (!isObject(value) || value['version'] !== VERSION) throw new TypeError('its version is not known')
    return { ...unknown, endedAt: undefined, ...checked(value) } as CaptureFacts
  } catch (error) {
    const aside = await setAside(path, now)
    const why = error instanceof Error ? error.message : String(error)
    return { ...unknown, remark: `${CAPTURE_FILE} could not be read (${why}) and was set aside as ${aside}.` }
  }
}

export async function writeCaptureFile(folder: string, facts: CaptureFacts): Promise<void> {
  await writeWhole(join(folder, CAPTURE_FILE), `${JSON.stringify({ version: VERSION, ...facts }, null, 2)}\n`)
}

const checks: { readonly [N in keyof CaptureFacts]-?: (value: unknown) => boolean } = {
  name: isText,
  note: isText,
  pinned: (value) => typeof value === 'boolean',
  startedAt: isTime,
  endedAt: isTime,
  rows: isCount,
  droppedRows: isCount,
  firstRow: isCount,
  marks: (value) => Array.isArray(value) && value.length <= MAX_MARKS && value.every(isCount),
  importedFrom: isText,
  filter: isText,
  evidence: (value) => typeof value === 'boolean',
  remark: isText,
}

/** The members that fit; others are left out. */
function checked(value: Readonly<Record<string, unknown>>): Partial<CaptureFacts> {
  const fitting = Object.entries(checks).filter(([name, fits]) => fits(value[name]))
  return Object.fromEntries(fitting.map(([name]) => [name, value[name]]))
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.length <= 100_000
}
function isTime(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value))
}
function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Makes a folder for a new capture; its ID is the time, and a number where that is taken. */
export async function makeCaptureFolder(parent: string, now: Date): Promise<{ id: string; folder: string }> {
  const time = now.toISOString().replaceAll(/[-:]|\.\d+/g, '')
  for (let attempt = 1; ; attempt++) {
    const id = attempt === 1 ? time : `${time}-${attempt}`
    const folder = join(parent, id)
    try {
      await mkdir(folder)
      return { id, folder }
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error
    }
  }
}

export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true })
