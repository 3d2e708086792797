/** What buttons, keys and menus of the flows view do alike. */
import type { FlowSet } from '../../../shared/contract/flows.ts'
import type { BenchError } from '../../../shared/contract/result.ts'
import type { FlowReportFormat } from '../../../shared/flow/report/report.ts'
import { flowReportEndings } from '../../../shared/flow/report/report.ts'
import { saveText } from '../../app/deliver.ts'
import type { Model } from '../../app/model.ts'
import { showFiltered, showPacket } from '../packets/actions.ts'
import { captureAt } from './evidence.ts'
import type { RecordingSource } from './recording.ts'

/** Says what went wrong, if anything did; answers whether nothing did. */
export function told({ notices }: Model, error: BenchError | undefined): boolean {
  if (error) notices.getState().fail(error)
  return error === undefined
}

/** What a new flow begins with. */
export const NEW_FLOW = `flow: 1
name: New flow
steps:
  - wait: online
    within: 60s
  - name: Ask for the manufacturer
    send: { get: Device.DeviceInfo.Manufacturer }
    expect: { params: { Device.DeviceInfo.Manufacturer: $present } }
`

export async function openFlow(model: Model, path: string): Promise<void> {
  told(model, await model.flows.editor.open(path))
}

/** Over the open file, or under a name that is asked for. */
export async function saveFlow(model: Model): Promise<void> {
  const { path } = model.flows.editor.getState()
  if (path === undefined) return model.show('flow-save')
  if (told(model, await model.flows.editor.save(path))) model.notices.getState().say(`Saved ${path}.`)
}

export async function deleteFlow(model: Model, path: string): Promise<void> {
  if (told(model, await model.flows.editor.remove(path)))
    model.notices.getState().say(`${path} is in the trash of the workspace: flows/.trash.`)
}

export async function duplicateFlow(model: Model, path: string): Promise<void> {
  const answer = await model.host.call('flows.read', { path })
  if (!answer.ok) return model.notices.getState().fail(answer.error)
  model.flows.editor.fresh(answer.value.text)
  model.show('flow-save')
}

/** The flows of a set that comes with the bench, as far as they are missing. */
export async function addFlowSet(model: Model, set: FlowSet): Promise<void> {
  const answer = await model.host.call('flows.addSet', { set })
  if (!answer.ok) return model.notices.getState().fail(answer.error)
  const { added } = answer.value
  model.notices
    .getState()
    .say(added.length === 0 ? `All flows of ${set}/ are there.` : `Added ${added.length} flows to ${set}/.`)
}

export async function startFlow(model: Model): Promise<void> {
  const { editor, runs } = model.flows
  if (!editor.getState().isOpen) return
  if (runs.getState().devices.length === 0)
    return model.notices
      .getState()
      .fail({ code: 'invalid-request', message: 'Choose a device to run it on first.' })
  told(model, await runs.start())
}

export async function controlRun(
  model: Model,
  action: 'pause' | 'continue' | 'step' | 'again' | 'stop',
): Promise<void> {
  const { runs } = model.flows
  const answer = action === 'again' ? await runs.again() : await runs.control(action)
  if (!answer.ok) model.notices.getState().fail(answer.error)
}

export async function exportResults(
  model: Model,
  ids: readonly string[],
  format: FlowReportFormat,
): Promise<void> {
  const answer = await model.host.call('flows.report', { ids: [...ids], format })
  if (!answer.ok) return model.notices.getState().fail(answer.error)
  const name = ids.length === 1 ? `flow-${ids[0]}` : 'flows'
  await saveText(model, `${name}.${flowReportEndings[format]}`, answer.value.text)
}

/** Shows a packet of a run in the capture that was live then. */
export async function showRunPacket(model: Model, no: number, time: number): Promise<void> {
  const capture = await captureAt(model, time)
  if (capture !== undefined) await showPacket(model, capture, no)
}

/** Shows all packets of the device during a run, from where they can be exported. */
export async function showRunPackets(
  model: Model,
  run: { readonly device: string; readonly start: number; readonly duration?: number },
): Promise<boolean> {
  const capture = await captureAt(model, run.start)
  if (capture === undefined) return false
  const at = (ms: number): string => `"${new Date(ms).toISOString().replace('T', ' ').replace('Z', '')}"`
  const end = run.duration === undefined ? '' : ` and frame.time <= ${at(run.start + run.duration + 1000)}`
  showFiltered(model, capture, `device == "${run.device}" and frame.time >= ${at(run.start - 1)}${end}`)
  return true
}

/** Opens the review of what a recording is made of. */
export function recordFrom(model: Model, source: RecordingSource): void {
  void model.flows.recording.begin(source)
  model.show('flow-record')
}
