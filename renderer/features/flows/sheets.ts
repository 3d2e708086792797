/** The sheets of the flows view. */
import type { ComponentType } from 'react'
import type { FlowsOverlay } from './overlay.ts'
import { RecordDialog } from './record-dialog.tsx'
import { RenameDialog, SaveDialog } from './dialogs.tsx'

export const flowsSheets: Readonly<Record<FlowsOverlay, ComponentType>> = {
  'flow-save': SaveDialog,
  'flow-rename': RenameDialog,
  'flow-record': RecordDialog,
}
