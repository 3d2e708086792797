/** Flows: the one in the editor, its runs, what a recording is made into. */
import type { Host } from '../../../shared/contract/host.ts'
import type { LiveStore } from '../../app/live.ts'
import type { RowsOf } from '../messages/device-model.ts'
import { createEditor, type FlowEditor } from './editor.ts'
import { createRecording, type FlowRecording } from './recording.ts'
import { createRuns, type FlowRuns } from './runs.ts'

export interface FlowsModel {
  readonly editor: FlowEditor
  readonly runs: FlowRuns
  readonly recording: FlowRecording
  readonly close: () => void
}

export function createFlows(host: Host, live: LiveStore, storage: Storage, rowsOf: RowsOf): FlowsModel {
  const editor = createEditor(host, live, storage)
  const runs = createRuns(host, live, editor, rowsOf)
  return {
    editor,
    runs,
    recording: createRecording(host),
    close() {
      runs.close()
      editor.close()
    },
  }
}
