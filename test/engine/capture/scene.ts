/** Something of everything, for tests of whole captures. */
import type { TestCaptures } from '../../support/captures.ts'
import { alias, bootRecord, connack, connect, endpointId, peer, publish } from './packets.ts'

/** Two devices, aliases, USP, remarks, a malformed packet, a close and a probe. */
export async function scene({ captures: { live } }: TestCaptures): Promise<void> {
  live.opened(1, peer())
  live.frame(
    1,
    'in',
    connect({
      clientId: 'cpe-1',
      username: 'u',
      password: new Uint8Array([1, 2]),
      properties: endpointId('os::1'),
    }),
    false,
  )
  live.frame(1, 'out', connack(), false)
  live.frame(1, 'in', publish('usp/agent/1', { payload: bootRecord('m-1'), properties: alias(3) }), false)
  live.frame(1, 'in', publish('', { payload: '{"a":1}', properties: alias(3) }), false)
  live.opened(2, peer(41_000))
  live.frame(2, 'in', connect({ clientId: 'cpe-2', level: 4 }), false)
  const no = live.frame(2, 'in', publish('other', { level: 4, payload: 'x' }), false)
  live.note(no, { kind: 'refused', rule: 'limits', text: 'too many', reasonCode: 0x97 })
  live.frame(2, 'in', new Uint8Array([0xff, 0xff, 1]), true)
  live.closed(2, { by: 'bench', reason: 'Malformed Packet', probe: false })
  live.opened(3, peer(42_000))
  live.closed(3, { by: 'device', reason: '', probe: true })
  await live.flush()
}
