/** The sheets of the access view, by name. */
import type { ComponentType } from 'react'
import { HistoryDialog } from './history-dialog.tsx'
import type { AccessOverlay } from './overlay.ts'
import { SaveDialog } from './save-dialog.tsx'
import { ExportDialog, ImportDialog } from './transfer-dialogs.tsx'
import { EndpointsDialog, ImportUsersDialog, PasswordDialog } from './user-dialogs.tsx'

export const accessSheets: Readonly<Record<AccessOverlay, ComponentType>> = {
  'access-save': SaveDialog,
  'access-history': HistoryDialog,
  'access-import': ImportDialog,
  'access-export': ExportDialog,
  'access-password': PasswordDialog,
  'access-endpoints': EndpointsDialog,
  'access-import-users': ImportUsersDialog,
}
