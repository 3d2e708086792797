/** The bench this page belongs to: the desktop app's own one, or the one that serves it. */
import { createHost } from '../../shared/contract/client.ts'
import { APP_ORIGIN } from '../../shared/contract/handshake.ts'
import type { Host } from '../../shared/contract/host.ts'
import { portWire } from './port.ts'
import { takeToken, webSocketWire } from './websocket.ts'

export function connect(): Host {
  return createHost(location.origin === APP_ORIGIN ? portWire() : webSocketWire(takeToken()))
}
