/** Results of flows as files. */
import type { AttachmentFiles } from '../attachments.ts'
import { matrixOf } from '../compare/matrix.ts'
import type { FlowResult } from '../run/result.ts'
import { htmlReport } from './html.ts'
import { junitReport } from './junit.ts'

export const FLOW_REPORT_FORMATS = ['junit', 'json', 'html'] as const
export type FlowReportFormat = (typeof FLOW_REPORT_FORMATS)[number]

/** Ending of the file name. */
export const flowReportEndings: Readonly<Record<FlowReportFormat, string>> = {
  junit: 'xml',
  json: 'json',
  html: 'html',
}

/** Version of the JSON report. */
const REPORT_VERSION = 1

const matrix = (results: readonly FlowResult[]) =>
  matrixOf(results.map((result) => ({ ...result, startedAt: result.start })))

export function writeFlowReport(
  results: readonly FlowResult[],
  format: FlowReportFormat,
  files: AttachmentFiles = {},
): string {
  switch (format) {
    case 'junit':
      return junitReport(results, files)
    case 'html':
      return htmlReport(results, files)
    case 'json':
      return `${JSON.stringify({ version: REPORT_VERSION, matrix: matrix(results), results }, undefined, 2)}\n`
  }
}

/** Of `oktobench run`: 0 all passed or skipped, 1 some failed, 2 some could not be judged or were stopped. */
export function exitCode(results: readonly Pick<FlowResult, 'status'>[]): 0 | 1 | 2 {
  if (results.some(({ status }) => status === 'failed')) return 1
  return results.every(({ status }) => status === 'passed' || status === 'skipped') && results.length > 0
    ? 0
    : 2
}
