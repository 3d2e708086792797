/** The formats of a report. */
import type { Severity } from '../rule.ts'
import { htmlReport } from './html.ts'
import { jsonReport } from './json.ts'
import { junitReport } from './junit.ts'
import type { LintReport } from './report.ts'
import { textReport } from './text.ts'

export const REPORT_FORMATS = ['text', 'json', 'junit', 'html'] as const
export type ReportFormat = (typeof REPORT_FORMATS)[number]

/** Ending of the file name. */
export const reportEndings: Readonly<Record<ReportFormat, string>> = {
  text: 'txt',
  json: 'json',
  junit: 'xml',
  html: 'html',
}

/** `failing`: the mildest severity that counts as a failure, where the format knows failures. */
export function writeReport(report: LintReport, format: ReportFormat, failing: Severity): string {
  switch (format) {
    case 'text':
      return textReport(report)
    case 'json':
      return jsonReport(report)
    case 'junit':
      return junitReport(report, failing)
    case 'html':
      return htmlReport(report)
  }
}
