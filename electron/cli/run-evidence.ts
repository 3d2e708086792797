/** The packets of each run as a file that Wireshark opens: what its device said and heard from start to end. */
import { copyFile, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Host } from '../../shared/contract/host.ts'
import { quote } from '../../shared/filter/lexer.ts'
import type { FlowResult } from '../../shared/flow/run/result.ts'
import { call, jobDone } from '../common/calls.ts'
import { exportedFile } from '../common/exports.ts'

export class Evidence {
  readonly #host: Host
  readonly #folder: string
  /** Of the bench: on this machine. */
  readonly #workspace: string

  constructor(host: Host, folder: string, workspace: string) {
    this.#host = host
    this.#folder = folder
    this.#workspace = workspace
  }

  /** Answers the path. Rejects with why it is not kept. */
  async keep({ name, device, start, duration = 0, runId }: FlowResult, turn: number): Promise<string> {
    const title = [name, device, ...(turn > 1 ? [String(turn)] : []), runId].map(fileName).join(' ')
    // A millisecond around it: packets have nanoseconds.
    const [from, to] = [new Date(Math.floor(start) - 1), new Date(Math.ceil(start + duration) + 1)]
    const filter = `device == ${quote(device)} && frame.time >= "${from.toISOString()}" && frame.time <= "${to.toISOString()}"`
    const { job } = await call(this.#host, 'captures.export', {
      capture: 'live',
      format: 'pcapng',
      filter,
      secrets: false,
      name: title,
    })
    const { file = '' } = await jobDone(this.#host, job)
    const { path } = await exportedFile(this.#workspace, file)
    await mkdir(this.#folder, { recursive: true })
    const target = join(this.#folder, `${title}.pcapng`)
    await copyFile(path, target)
    await rm(path, { force: true })
    await this.#host.call('jobs.dismiss', { id: job })
    return target
  }
}

/** What every system takes in the name of a file. */
const fileName = (text: string): string =>
  text
    .replaceAll(/[^\p{L}\p{N}._ -]+/gu, '-')
    .replace(/^[.\s]+/, '')
    .slice(0, 80)
