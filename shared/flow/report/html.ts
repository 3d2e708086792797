/** Results as one HTML file, to be handed over as evidence. */
import { toBase64 } from '../../dissect/copy.ts'
import { escapeText } from '../../report/escape.ts'
import { badge, htmlPage, type BadgeColour } from '../../report/page.ts'
import { isImage, type Attachment, type AttachmentFiles } from '../attachments.ts'
import { matrixOf, type MatrixCell } from '../compare/matrix.ts'
import { isMap, textOf, type Json } from '../json.ts'
import { PHASES, type Phase } from '../model.ts'
import { utf8 } from '../../usp/wire.ts'
import { everyStep, type FlowResult, type FlowStatus, type StepResult } from '../run/result.ts'

const colours: Readonly<Record<FlowStatus, BadgeColour>> = {
  passed: 'green',
  failed: 'red',
  error: 'amber',
  stopped: 'amber',
  skipped: 'grey',
  running: 'blue',
}
const phaseNames: Readonly<Record<Phase, string>> = { setup: 'Setup', steps: 'Steps', cleanup: 'Clean-up' }

const status = (word: FlowStatus): string => badge(word, colours[word])
const time = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace('Z', '')
const duration = (ms: number | undefined): string =>
  ms === undefined ? '' : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(3)} s`

export function htmlReport(
  results: readonly FlowResult[],
  files: AttachmentFiles = {},
  title = 'Flows',
): string {
  return htmlPage(title, [
    `<p>${summary(results)}</p>`,
    ...matrix(results),
    table(['Flow', 'Device', 'Result', 'Started (UTC)', 'Took'], results.map(overviewRow)),
    ...results.map((result, at) => section(result, at, files)),
  ])
}

function summary(results: readonly FlowResult[]): string {
  const counts = new Map<FlowStatus, number>()
  for (const one of results) counts.set(one.status, (counts.get(one.status) ?? 0) + 1)
  const parts = [...counts].map(([word, count]) => `${count} ${word}`)
  return `${results.length} flow${results.length === 1 ? '' : 's'}: ${parts.join(', ') || 'nothing was run'}.`
}

/** Devices side by side, where there are several, or a flow was run more than once. */
function matrix(results: readonly FlowResult[]): string[] {
  const { devices, rows } = matrixOf(results.map((result) => ({ ...result, startedAt: result.start })))
  if (devices.length < 2 && rows.length === results.length) return []
  const cell = (of: MatrixCell | null): string => {
    if (of === null) return '<span class="muted">not run</span>'
    const times = of.runs === 1 ? '' : ` <span class="muted">${of.runs - of.bad} of ${of.runs} passed</span>`
    return `<a href="#f${of.at}">${status(of.status)}</a>${times}`
  }
  return [
    table(
      ['Flow', ...devices.map(escapeText)],
      rows.map(({ name, cells }) => [escapeText(name), ...cells.map(cell)]),
    ),
  ]
}

/** Cells are HTML. */
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [
    `<table><thead><tr>${head.map((cell) => `<th>${cell}</th>`).join('')}</tr></thead><tbody>`,
    ...rows.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join('')}</tr>`),
    '</tbody></table>',
  ].join('\n')

const overviewRow = (result: FlowResult, at: number): string[] => [
  `<a href="#f${at}">${escapeText(result.name)}</a>`,
  escapeText(result.device),
  status(result.status),
  time(result.start),
  duration(result.duration),
]

function section(result: FlowResult, at: number, files: AttachmentFiles): string {
  const { name, description, note, requirements, device, controller, runId, variables } = result
  const facts = [
    `Device <code>${escapeText(device)}</code>, controller <code>${escapeText(controller)}</code>, run <code>${escapeText(runId)}</code>`,
    ...(requirements.length > 0 ? [`Proves ${escapeText(requirements.join(', '))}`] : []),
  ]
  return [
    `<section><h2 id="f${at}">${escapeText(name)}</h2>`,
    `<p>${status(result.status)} ${escapeText(note ?? '')}</p>`,
    ...(description === undefined ? [] : [`<p>${escapeText(description)}</p>`]),
    `<p class="muted">${facts.join('. ')}.</p>`,
    ...PHASES.flatMap((phase) => phaseOf(result, phase, files)),
    ...(Object.keys(variables).length === 0 ? [] : [`<h3>Variables at the end</h3>`, values(variables)]),
    '</section>',
  ].join('\n')
}

function phaseOf(result: FlowResult, phase: Phase, files: AttachmentFiles): string[] {
  if (result[phase].length === 0) return []
  const rows = [...everyStep(result[phase])].map(([step, depth]) => stepRow(step, depth, result.runId, files))
  return [`<h3>${phaseNames[phase]}</h3>`, table(['Step', 'Result', 'Took', 'Latency', 'Packets'], rows)]
}

function stepRow(step: StepResult, depth: number, runId: string, files: AttachmentFiles): string[] {
  const { title, attempt, differences, note, packets, omitted, attachments = [] } = step
  const attached = attachments.map((one) => attachmentOf(one, files.data?.(runId, one.file))).join('')
  const again = attempt === undefined ? '' : ` <span class="muted">(attempt ${attempt})</span>`
  const more =
    omitted === undefined ? '' : `<p class="muted">${omitted} more turns passed and are not listed.</p>`
  const why = note === undefined ? '' : `<p>${escapeText(note)}</p>`
  const indent = '&emsp;'.repeat(depth)
  return [
    `${indent}${escapeText(title)}${again}${why}${more}${differences.length > 0 ? differenceTable(step) : ''}${attached}`,
    status(step.status),
    duration(step.duration),
    duration(step.latency),
    packets.map((no) => `#${no}`).join(' '),
  ]
}

/** Characters of a text that are shown; a log may be long. */
const MAX_TEXT = 100_000

/** An image, a text, or its name and size. */
function attachmentOf(attachment: Attachment, data: Uint8Array | undefined): string {
  const { name, type, bytes } = attachment
  const title = `${escapeText(name)} <span class="muted">${bytes} bytes</span>`
  if (data === undefined) return `<p>${title} <span class="muted">not in this report</span></p>`
  if (isImage(attachment))
    return `<p>${title}<br><img alt="${escapeText(name)}" style="max-width:100%" src="data:${type};base64,${toBase64(data)}"></p>`
  const text = utf8(data, 0, data.length)
  const rest = text.length - MAX_TEXT
  const more = rest > 0 ? `<p class="muted">${rest} more characters are not shown.</p>` : ''
  return `<details><summary>${title}</summary><pre>${escapeText(text.slice(0, MAX_TEXT))}</pre>${more}</details>`
}

const differenceTable = ({ differences }: StepResult): string =>
  table(
    ['Where', 'Expected', 'Seen', ''],
    differences.map(({ path, expected, seen, why }) => [
      `<code>${escapeText(path)}</code>`,
      value(expected),
      value(seen),
      escapeText(why),
    ]),
  )

const value = (of: Json | undefined): string =>
  of === undefined ? '<span class="muted">nothing</span>' : `<pre>${escapeText(pretty(of))}</pre>`

/** Values that are short in one line. */
function pretty(of: Json): string {
  if (typeof of !== 'object') return textOf(of)
  const line = JSON.stringify(of)
  return line.length <= 60 ? line : JSON.stringify(of, undefined, 1)
}

const values = (of: Json): string =>
  isMap(of)
    ? table(
        ['Name', 'Value'],
        Object.entries(of).map(([name, one]) => [`<code>${escapeText(name)}</code>`, value(one)]),
      )
    : ''
