/** The sheets of the flows view. */
import { lazy, type ComponentType } from 'react'
import type { FlowsOverlay } from './overlay.ts'
import { RenameDialog, SaveDialog } from './dialogs.tsx'

/** Its code is loaded with the makers of flows. */
const RecordDialog = lazy(async () => ({ default: (await import('./record-dialog.tsx')).RecordDialog }))

const CompareDialog = lazy(async () => ({ default: (await import('./compare-dialog.tsx')).CompareDialog }))

const MatrixDialog = lazy(async () => ({ default: (await import('./matrix-dialog.tsx')).MatrixDialog }))

const ReferenceDialog = lazy(async () => ({
  default: (await import('./reference-dialog.tsx')).ReferenceDialog,
}))

export const flowsSheets: Readonly<Record<FlowsOverlay, ComponentType>> = {
  'flow-save': SaveDialog,
  'flow-rename': RenameDialog,
  'flow-record': RecordDialog,
  'flow-compare': CompareDialog,
  'flow-matrix': MatrixDialog,
  'flow-reference': ReferenceDialog,
}
