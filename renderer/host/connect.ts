/** The bench this page belongs to: the desktop app's own one, or the one that serves it. */
import { createHost } from '../../shared/contract/client.ts'
import { APP_ORIGIN } from '../../shared/contract/handshake.ts'
import type { Host } from '../../shared/contract/host.ts'
import { locateFile } from './desktop-files.ts'
import { portWire } from './port.ts'
import { whenShown } from './shown.ts'
import { upload, type Upload } from './upload.ts'
import { takeToken, webSocketWire } from './websocket.ts'

const isDesktop = location.origin === APP_ORIGIN

export function connect(): Host {
  return createHost(isDesktop ? portWire() : webSocketWire(takeToken()), whenShown)
}

/** How a file that the person gave to the page comes to the bench. */
export const bringFile: Upload = isDesktop ? locateFile : upload
