import { expect, test } from 'vitest'
import { testCaptures } from '../../support/captures.ts'
import { connack, connect, endpointId, getRespRecord, peer, publish } from '../capture/packets.ts'

test('rows are found by the rules that they break: short name, requirement, and what is suppressed no more', async () => {
  const t = await testCaptures()
  const { live } = t.captures
  live.opened(1, peer())
  live.frame(1, 'in', connect({ properties: endpointId('os::00256D-1') }), false)
  live.frame(1, 'out', connack(), false)
  live.frame(1, 'in', Uint8Array.of(0xc0, 0), false)
  live.frame(1, 'in', publish('usp/controller', { payload: getRespRecord('m') }), false)
  await t.judged()
  const found = async (filter: string) => (await t.rows(filter)).map(({ no }) => no)
  expect(await found('lint.rule == "content-type"')).toEqual([4])
  expect(await found('lint.rule == "R-MQTT.27"')).toEqual([4])
  expect(await found('lint.id in {"content-type", "mqtt-5"}')).toEqual([4])
  expect(await found('lint.rule == "reply-to"')).toEqual([])
  expect(await found('lint.id contains "content"')).toEqual([4])
  expect(await found('not lint.rule == "content-type"')).toEqual([1, 2, 3])
  await live.ask('suppress', { rules: ['content-type'] })
  expect(await found('lint.rule == "content-type"')).toEqual([])
})
