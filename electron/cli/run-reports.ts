/** The reports of `oktobench run`: made sure of before anything is run, written when all has ended. */
import { constants } from 'node:fs'
import { access, mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Host } from '../../shared/contract/host.ts'
import { writeFlowReport } from '../../shared/flow/report/report.ts'
import type { FlowResult } from '../../shared/flow/run/result.ts'
import { UsageError } from '../common/options.ts'
import { errorCode, writeWhole } from '../engine/workspace/files.ts'
import { ReportedAttachments } from './run-attachments.ts'
import type { RunOptions } from './run-options.ts'

type Wishes = RunOptions['reports']

/** Makes their folders: a night of tests is not lost for one. Throws a UsageError. */
export async function prepareReports(wishes: Wishes): Promise<void> {
  for (const { file } of wishes) {
    const path = resolve(file)
    const refuse = (why: string, cause?: unknown): never => {
      throw new UsageError(`--report: ${file} cannot be written (${why}).`, { cause })
    }
    try {
      await mkdir(dirname(path), { recursive: true })
      await access(dirname(path), constants.W_OK)
    } catch (error) {
      refuse(errorCode(error) ?? String(error), error)
    }
    const found = await stat(path).catch(() => undefined)
    if (found?.isDirectory() === true) refuse('it is a folder')
  }
}

export class Reports {
  readonly attachments: ReportedAttachments | undefined
  readonly #wishes: Wishes

  constructor(wishes: Wishes, host: Host) {
    this.#wishes = wishes
    const [first] = wishes
    this.attachments = first && new ReportedAttachments(host, first.file)
  }

  /** Answers what could not be written and why: the others are, all the same. */
  async write(results: readonly FlowResult[]): Promise<string[]> {
    const failures: string[] = []
    for (const { format, file } of this.#wishes) {
      try {
        const files = await this.attachments?.files(results, format)
        await writeWhole(resolve(file), writeFlowReport(results, format, files))
      } catch (error) {
        failures.push(`the report ${file} is not written: ${(error as Error).message}.`)
      }
    }
    return failures
  }
}
