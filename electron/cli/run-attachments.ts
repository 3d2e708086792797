/** Attachments of runs beside their reports, where those who read these find them when the bench is gone. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Host } from '../../shared/contract/host.ts'
import type { AttachmentFiles } from '../../shared/flow/attachments.ts'
import type { FlowReportFormat } from '../../shared/flow/report/report.ts'
import type { FlowResult } from '../../shared/flow/run/result.ts'
import { call } from '../common/calls.ts'
import { attachmentsOf, shownFiles } from '../engine/flows/attachments.ts'

export class ReportedAttachments {
  readonly #host: Host
  readonly #folder: string
  readonly #paths = new Map<string, string>()

  /** `report`: the file of a report; a folder `attachments` is made beside it when there are any. */
  constructor(host: Host, report: string) {
    this.#host = host
    this.#folder = join(dirname(resolve(report)), 'attachments')
  }

  /** Rejects when one cannot be had or written. `run`: of the bench, as which it keeps the result. */
  async keep(result: FlowResult, run: string): Promise<void> {
    for (const { file } of attachmentsOf(result)) {
      const { bytes } = await call(this.#host, 'flows.attachment', { id: run, file })
      const folder = join(this.#folder, result.runId)
      await mkdir(folder, { recursive: true })
      const path = join(folder, file)
      await writeFile(path, bytes)
      this.#paths.set(`${result.runId} ${file}`, path)
    }
  }

  async files(results: readonly FlowResult[], format: FlowReportFormat): Promise<AttachmentFiles> {
    const path = (runId: string, file: string): string | undefined => this.#paths.get(`${runId} ${file}`)
    return format === 'html' ? await shownFiles(results, path) : { path }
  }
}
