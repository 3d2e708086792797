/** The opening handshake of a WebSocket that carries MQTT. */
import type { Direction } from '../capture/sink.ts'
import type { Deflate } from './websocket-layer.ts'

export interface HttpHead {
  /** Request or status line. */
  readonly start: string
  /** Names in lower case; values of repeated fields joined by commas. */
  readonly fields: ReadonlyMap<string, string>
  /** Bytes of the head, with the empty line. */
  readonly length: number
}

/** Longest head that is read. */
export const MAX_HEAD = 16 * 1024

/** Undefined while the empty line has not come. */
export function readHead(bytes: Uint8Array): HttpHead | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, MAX_HEAD)).toString(
    'latin1',
  )
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [start = '', ...lines] = text.slice(0, end).split('\r\n')
  const fields = new Map<string, string>()
  for (const line of lines) {
    const [, name, value] = /^([^:\s]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? []
    if (name === undefined || value === undefined) continue
    const known = fields.get(name.toLowerCase())
    fields.set(name.toLowerCase(), known === undefined ? value : `${known}, ${value}`)
  }
  return { start, fields, length: end + 4 }
}

/** Subprotocols of MQTT: that of 3.1.1 and 5.0 [MQTT-6.0.0-4], and what 3.1 used. */
const isMqtt = (protocols: string | undefined): boolean =>
  protocols?.split(',').some((name) => /^mqtt(v3\.1)?$/i.test(name.trim())) ?? false

/** Whether a request asks for MQTT over WebSocket; those that leave out the subprotocol count by their path. */
export function asksForMqtt({ start, fields }: HttpHead): boolean {
  if (!/\bwebsocket\b/i.test(fields.get('upgrade') ?? '')) return false
  return isMqtt(fields.get('sec-websocket-protocol')) || /^GET [^ ]*mqtt/i.test(start)
}

export const switches = ({ start }: HttpHead): boolean => /^HTTP\/1\.1 101\b/.test(start)

/** What an answer says about compression; undefined for none. */
export function deflateOf({ fields }: HttpHead): Deflate | undefined {
  const extension = fields
    .get('sec-websocket-extensions')
    ?.split(',')
    .find((one) => /^\s*permessage-deflate\b/i.test(one))
  if (extension === undefined) return undefined
  const has = (name: string) => new RegExp(`\\b${name}\\b`, 'i').test(extension)
  const takeover: Record<Direction, boolean> = {
    in: !has('client_no_context_takeover'),
    out: !has('server_no_context_takeover'),
  }
  return { takeover }
}
