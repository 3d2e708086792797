/** A report as one HTML file: no scripts, nothing from elsewhere, fit to be printed. */
import { notChecked, reasons } from '../not-checked.ts'
import { escapeText } from '../../report/escape.ts'
import { badge, htmlPage } from '../../report/page.ts'
import { type Remedy, remedyCommand } from '../rule.ts'
import {
  countsText,
  type LintReport,
  type ReportDevice,
  type ReportRule,
  requirementText,
  skippedText,
  totalOf,
} from './report.ts'

const colours = { error: 'red', warning: 'amber', note: 'blue' } as const

export function htmlReport(report: LintReport): string {
  const { source, from, to, checked, counts, devices, suppressed } = report
  const skipped = skippedText(report)
  const span = from === undefined || to === undefined ? '' : ` from ${timeText(from)} to ${timeText(to)} UTC`
  return htmlPage(`Findings in ${source}`, [
    `<p>${countsText(counts)} in ${checked} packets${span}.</p>`,
    ...(skipped === undefined ? [] : [`<p>${escapeText(skipped)}</p>`]),
    ...(suppressed.length === 0
      ? []
      : [`<p>Rules that are not shown: ${escapeText(suppressed.join(', '))}.</p>`]),
    ...(devices.length === 0 ? ['<p>Nothing was found.</p>'] : [overview(devices)]),
    ...devices.map(deviceSection),
    uncheckedSection(),
  ])
}

function overview(devices: readonly ReportDevice[]): string {
  const rows = devices.map(({ endpoint, rules }, i) => {
    const counts = { error: 0, warning: 0, note: 0 }
    for (const rule of rules) counts[rule.facts.severity] += totalOf(rule)
    const cells = [counts.error, counts.warning, counts.note]
      .map((count) => `<td class="count">${count}</td>`)
      .join('')
    return `<tr><td><a href="#d${i}">${escapeText(endpoint)}</a></td>${cells}</tr>`
  })
  const counted = ['Errors', 'Warnings', 'Notes'].map((title) => `<th class="count">${title}</th>`)
  const head = `<tr><th>Device</th>${counted.join('')}</tr>`
  return `<table><thead>${head}</thead><tbody>${rows.join('')}</tbody></table>`
}

const deviceSection = ({ endpoint, rules }: ReportDevice, i: number): string =>
  `<section><h2 id="d${i}">${escapeText(endpoint)}</h2>${rules.map((rule) => ruleSection(rule, endpoint)).join('\n')}</section>`

function ruleSection(rule: ReportRule, endpoint: string): string {
  const { facts, findings, more } = rule
  const rows = findings.map(
    ({ no, time, seen }) =>
      `<tr><td class="no">#${no}</td><td class="time">${timeText(time)}</td><td>${escapeText(seen)}</td></tr>`,
  )
  return [
    `<h3>${badge(facts.severity, colours[facts.severity])} ${escapeText(facts.title)}</h3>`,
    `<p class="muted">${unbroken(escapeText(requirementText(facts)))} · <code>${facts.id}</code></p>`,
    `<p>Expected: ${escapeText(facts.expected)}</p>`,
    ...(facts.remedy === undefined ? [] : [`<p>On an OB-USP-A: ${remedyHtml(facts.remedy, endpoint)}</p>`]),
    `<table><thead><tr><th>Packet</th><th>Time (UTC)</th><th>Seen</th></tr></thead><tbody>${rows.join('')}</tbody></table>`,
    ...(more > 0 ? [`<p>And ${more} more.</p>`] : []),
  ].join('\n')
}

function remedyHtml({ text, command }: Remedy, endpoint: string): string {
  const line = command && `<code>${escapeText(remedyCommand(command, endpoint))}</code>`
  return [text && escapeText(text), line].filter(Boolean).join(': ')
}

function uncheckedSection(): string {
  const rows = notChecked.map(
    ({ requirements, reason, why }) =>
      `<tr><td>${unbroken(requirements.join(', '))}</td><td>${reasons[reason]}</td><td>${escapeText(why)}</td></tr>`,
  )
  return [
    '<section><h2>Not checked</h2><p>No finding for these says nothing about them.</p>',
    `<table><thead><tr><th class="requirements">Requirement</th><th class="reason">Because it</th><th>Why</th></tr></thead><tbody>${rows.join('')}</tbody></table></section>`,
  ].join('\n')
}

/** To the millisecond, with the whole of it for a program. */
function timeText(iso: string): string {
  const [, day, time] = /^(\S+)T([\d:]+\.\d{3})/.exec(iso) ?? []
  const text = day === undefined ? iso : `${day} ${time}`
  return `<time datetime="${escapeText(iso)}">${escapeText(text)}</time>`
}

/** A label such as R-MQTT.27 is not to be broken at its hyphen. */
const unbroken = (html: string): string =>
  html.replace(/\bR-[\w.]+/g, (label) => `<span class="requirement">${label}</span>`)
