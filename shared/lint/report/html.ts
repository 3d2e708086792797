/** A report as one HTML file: no scripts, nothing from elsewhere, fit to be printed. */
import { notChecked, reasons } from '../not-checked.ts'
import { escapeText } from './escape.ts'
import {
  countsText,
  type LintReport,
  type ReportDevice,
  type ReportRule,
  requirementText,
  skippedText,
  totalOf,
} from './report.ts'

const STYLE = `
  :root { color-scheme: light; }
  body { font: 13px/1.45 system-ui, sans-serif; color: #1b1f24; background: #fff; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; border-bottom: 1px solid #d0d7de; padding-bottom: .25rem; overflow-wrap: anywhere; }
  h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; break-after: avoid; }
  p { margin: .25rem 0; } .muted { color: #57606a; }
  .severity { display: inline-block; min-width: 4.5rem; padding: 0 .4rem; border-radius: 3px; font-weight: 600; text-align: center; border: 1px solid; }
  .error { color: #a40e26; } .warning { color: #7d4e00; } .note { color: #0a58a8; }
  table { border-collapse: collapse; width: 100%; margin: .5rem 0; } th, td { text-align: left; vertical-align: top; padding: .2rem .6rem .2rem 0; border-bottom: 1px solid #eaeef2; }
  td.no { font-variant-numeric: tabular-nums; white-space: nowrap; width: 5rem; } td.time { white-space: nowrap; width: 13rem; font-variant-numeric: tabular-nums; }
  td, code { overflow-wrap: anywhere; } code { font: 12px ui-monospace, monospace; }
  section { break-inside: auto; } tr { break-inside: avoid; }
  @media print { body { margin: 0; max-width: none; } }
`

export function htmlReport(report: LintReport): string {
  const { source, from, to, checked, counts, devices, suppressed } = report
  const skipped = skippedText(report)
  const span = from === undefined || to === undefined ? '' : ` from ${escapeText(from)} to ${escapeText(to)}`
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width">',
    `<title>Findings in ${escapeText(source)}</title><style>${STYLE}</style></head><body>`,
    `<h1>Findings in ${escapeText(source)}</h1>`,
    `<p>${countsText(counts)} in ${checked} packets${span}.</p>`,
    ...(skipped === undefined ? [] : [`<p>${escapeText(skipped)}</p>`]),
    ...(suppressed.length === 0
      ? []
      : [`<p>Rules that are not shown: ${escapeText(suppressed.join(', '))}.</p>`]),
    ...(devices.length === 0 ? ['<p>Nothing was found.</p>'] : [overview(devices)]),
    ...devices.map(deviceSection),
    uncheckedSection(),
    '</body></html>',
    '',
  ].join('\n')
}

function overview(devices: readonly ReportDevice[]): string {
  const rows = devices.map(({ endpoint, rules }, i) => {
    const counts = { error: 0, warning: 0, note: 0 }
    for (const rule of rules) counts[rule.facts.severity] += totalOf(rule)
    const cells = [counts.error, counts.warning, counts.note].map((count) => `<td>${count}</td>`).join('')
    return `<tr><td><a href="#d${i}">${escapeText(endpoint)}</a></td>${cells}</tr>`
  })
  const head = '<tr><th>Device</th><th>Errors</th><th>Warnings</th><th>Notes</th></tr>'
  return `<table><thead>${head}</thead><tbody>${rows.join('')}</tbody></table>`
}

const deviceSection = ({ endpoint, rules }: ReportDevice, i: number): string =>
  `<section><h2 id="d${i}">${escapeText(endpoint)}</h2>${rules.map(ruleSection).join('\n')}</section>`

function ruleSection(rule: ReportRule): string {
  const { facts, findings, more } = rule
  const rows = findings.map(
    ({ no, time, seen }) =>
      `<tr><td class="no">#${no}</td><td class="time">${escapeText(time)}</td><td>${escapeText(seen)}</td></tr>`,
  )
  return [
    `<h3><span class="severity ${facts.severity}">${facts.severity}</span> ${escapeText(facts.title)}</h3>`,
    `<p class="muted">${escapeText(requirementText(facts))} · <code>${facts.id}</code></p>`,
    `<p>Expected: ${escapeText(facts.expected)}</p>`,
    ...(facts.remedy === undefined ? [] : [`<p>On an OB-USP-A: ${escapeText(facts.remedy)}</p>`]),
    `<table><thead><tr><th>Packet</th><th>Time (UTC)</th><th>Seen</th></tr></thead><tbody>${rows.join('')}</tbody></table>`,
    ...(more > 0 ? [`<p>And ${more} more.</p>`] : []),
  ].join('\n')
}

function uncheckedSection(): string {
  const rows = notChecked.map(
    ({ requirements, reason, why }) =>
      `<tr><td>${requirements.join(', ')}</td><td>${reasons[reason]}</td><td>${escapeText(why)}</td></tr>`,
  )
  return [
    '<section><h2>Not checked</h2><p>No finding for these says nothing about them.</p>',
    `<table><thead><tr><th>Requirement</th><th>Because it</th><th>Why</th></tr></thead><tbody>${rows.join('')}</tbody></table></section>`,
  ].join('\n')
}
