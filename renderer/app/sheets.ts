/** What can lie over the views, by name. */
import type { ComponentType } from 'react'
import { accessSheets } from '../features/access/sheets.ts'
import { CheckDialog } from '../features/attach/check-dialog.tsx'
import { AttachWizard } from '../features/attach/wizard.tsx'
import { ExportDialog } from '../features/captures/export-dialog.tsx'
import { ImportDialog } from '../features/captures/import-dialog.tsx'
import { NewCaptureDialog } from '../features/captures/new-dialog.tsx'
import { ReplaceDialog } from '../features/certificates/replace-dialog.tsx'
import { clientSheets } from '../features/client/dialogs.tsx'
import { DoctorDialog } from '../features/doctor/doctor-dialog.tsx'
import { ColoursDialog } from '../features/packets/colours-dialog.tsx'
import { ContentsDialog } from '../features/packets/contents-dialog.tsx'
import { GotoDialog } from '../features/packets/goto-dialog.tsx'
import { SavedDialog } from '../features/packets/saved-dialog.tsx'
import { flowsSheets } from '../features/flows/sheets.ts'
import { messagesSheets } from '../features/messages/dialogs.tsx'
import { KeysSheet } from './keys-sheet.tsx'
import type { Overlay } from './model.ts'
import { Palette } from './palette.tsx'

export const sheets: Readonly<Record<Overlay, ComponentType | undefined>> = {
  none: undefined,
  palette: Palette,
  keys: KeysSheet,
  goto: GotoDialog,
  saved: SavedDialog,
  colours: ColoursDialog,
  contents: ContentsDialog,
  'new-capture': NewCaptureDialog,
  import: ImportDialog,
  export: ExportDialog,
  'replace-authority': ReplaceDialog,
  doctor: DoctorDialog,
  attach: AttachWizard,
  'attach-check': CheckDialog,
  ...accessSheets,
  ...messagesSheets,
  ...flowsSheets,
  ...clientSheets,
}
