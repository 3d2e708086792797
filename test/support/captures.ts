/** The captures of a workspace with the real worker, for one test. */
import { BUNDLE_LISTENERS } from '../../electron/engine/capture/bundle.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { type Captures, openCaptures } from '../../electron/engine/capture/captures.ts'
import { MAX_WINDOW } from '../../shared/contract/contract.ts'
import type { CaptureInfo, Job, PacketRow } from '../../shared/contract/model.ts'
import type { ContentChoice } from '../../shared/dissect/content/choices.ts'
import { captureWorkerUrl } from './worker.ts'

const LISTENERS = JSON.stringify([{ label: 'TCP 1883', host: '*', port: 1883, state: 'listening' }])

const MIB = 1024 * 1024

export interface TestCaptures {
  readonly captures: Captures
  readonly workspace: string
  readonly problems: string[]
  rows(filter?: string, capture?: string): Promise<PacketRow[]>
  /** Waits until the linter has judged every row. */
  judged(capture?: string): Promise<void>
  /** Waits for a job's end. */
  done(job: string): Promise<Job>
  info(id: string): CaptureInfo
  /** ID of the capture that is being written. */
  readonly liveId: string
}

const closers: (() => Promise<void>)[] = []
const folders: string[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A folder that goes with the test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'oktobench-captures-'))
  folders.push(folder)
  return folder
}

export interface TestCapturesOptions {
  readonly workspace?: string
  readonly segmentMiB?: number
  readonly budgetMiB?: number
  readonly workerUrl?: URL
  /** Content views chosen by hand. */
  readonly contents?: () => readonly ContentChoice[]
  /** Those that the bench knows. */
  readonly devices?: readonly { readonly endpointId: string }[]
}

export async function testCaptures(options: TestCapturesOptions = {}): Promise<TestCaptures> {
  const { workspace = testFolder(), segmentMiB = 64, budgetMiB = 2048 } = options
  const problems: string[] = []
  let told: () => void = () => undefined
  const captures = await openCaptures({
    workerUrl: options.workerUrl ?? (await captureWorkerUrl()),
    workspace,
    segmentBytes: segmentMiB * MIB,
    budgetBytes: budgetMiB * MIB,
    ...(options.contents && { contents: options.contents }),
    onState: () => undefined,
    onCaptures: () => undefined,
    onJobs: () => told(),
    onProblem: (text) => problems.push(text),
    evidence: async () => ({ devices: options.devices ?? [], files: { [BUNDLE_LISTENERS]: LISTENERS } }),
  })
  closers.push(() => captures.close())
  return {
    captures,
    workspace,
    problems,
    async rows(filter = '', capture = 'live') {
      if (capture === 'live') await captures.live.flush()
      const view = captures.openView({ capture, filter }, () => undefined)
      try {
        const found: PacketRow[] = []
        for (;;) {
          const update = await view.read({ from: found.length, count: MAX_WINDOW, tail: false })
          found.push(...update.rows)
          if (update.progress === undefined && found.length >= update.total) return found
        }
      } finally {
        view.close()
      }
    },
    async judged(capture = 'live') {
      while ((await captures.ask(capture, 'lint', {})).waiting > 0);
    },
    async done(id) {
      for (;;) {
        const job = captures.jobs.list.find((one) => one.id === id)
        if (job === undefined) throw new Error(`no job ${id}`)
        if (job.state !== 'running') return job
        await new Promise<void>((resolve) => (told = resolve))
      }
    },
    info(id) {
      const found = captures.list.find((one) => one.id === id)
      if (found === undefined) throw new Error(`no capture ${id}`)
      return found
    },
    get liveId() {
      return captures.list.find(({ state }) => state === 'live')?.id ?? ''
    },
  }
}
