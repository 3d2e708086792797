/** `oktobench capture doctor`: how far each device of a capture came, as text. */
import { doctorSubjects, examineRows } from '../engine/capture/examination.ts'
import type { Archive } from '../engine/capture/archive.ts'
import type { Work } from '../engine/capture/work.ts'
import type { Cause, Examination, StepState } from '../../shared/doctor/model.ts'

const marks: Readonly<Record<StepState, string>> = {
  done: 'ok',
  missing: '??',
  failed: '!!',
  'not-reached': '..',
  'not-needed': '--',
}

/** Every device, the newest first; controllers are left out. */
export async function describeDevices(archive: Archive, work: Work): Promise<string> {
  const parts: string[] = []
  for (const { endpointId, address } of doctorSubjects(archive)) {
    const subject = endpointId ? { endpointId } : { address }
    const found = await examineRows(archive, { subject }, work)
    if (found.steps.length > 0) parts.push(describe(endpointId || address, found))
  }
  return parts.length > 0 ? parts.join('\n') : 'No device is in it.\n'
}

function describe(name: string, { state, verdict, steps, remarks }: Examination): string {
  const lines = steps.flatMap(({ title, state: step, evidence, cause }) => {
    const proof = evidence.map(({ no, text }) => `#${no} ${text}`).join(', ')
    return [`  ${marks[step]}  ${title.padEnd(24)}${proof}`.trimEnd(), ...(cause ? causeLines(cause) : [])]
  })
  const also = remarks.flatMap((remark) => ['  Also seen:', ...causeLines(remark)])
  return `${[`${name}: ${state}. ${verdict}`, ...lines, ...also].join('\n')}\n`
}

const causeLines = ({ text, evidence, remedies }: Cause): string[] => [
  `      ${text}${evidence.length > 0 ? ` (${evidence.map(({ no }) => `#${no}`).join(', ')})` : ''}`,
  // What is done at the bench with one click cannot be done here.
  ...remedies.flatMap(({ text: advice, commands = [], action }) =>
    action ? [] : [`      ${advice}`, ...commands.map((command) => `        ${command}`)],
  ),
]
