/** Files dropped on or chosen in a page of the desktop app: they lie on the bench's machine already. */
import { DESKTOP_FILES, type DesktopFiles } from '../../shared/contract/handshake.ts'
import { fail, ok } from '../../shared/contract/result.ts'
import type { Upload } from './upload.ts'

declare global {
  interface Window {
    [DESKTOP_FILES]?: DesktopFiles
  }
}

/** Nothing is sent: only the path is asked for. */
export const locateFile: Upload = async (file) => {
  const path = window[DESKTOP_FILES]?.pathOf(file) ?? ''
  return path === ''
    ? fail('invalid-request', `${file.name} is no file on this machine. Save it first, then choose Import….`)
    : ok(path)
}
