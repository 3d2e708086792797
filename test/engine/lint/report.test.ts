import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testCaptures } from '../../support/captures.ts'
import { connack, connect, endpointId, getRespRecord, peer, publish } from '../capture/packets.ts'

const A = 'os::00256D-1'
const B = 'os::00256D-2'

test('a report is of every device, of one, or of the packets that a filter leaves', async () => {
  const t = await testCaptures()
  const { live } = t.captures
  for (const [connection, id] of [A, B].entries()) {
    live.opened(connection + 1, peer())
    live.frame(connection + 1, 'in', connect({ properties: endpointId(id) }), false)
    live.frame(connection + 1, 'out', connack(), false)
    live.frame(connection + 1, 'in', publish('usp/controller', { payload: getRespRecord('m') }), false)
  }
  await t.judged()
  const report = async (part: { readonly endpoint?: string; readonly filter?: string }) => {
    const file = join(t.workspace, 'report.json')
    await live.ask('report', { format: 'json', source: 'live', file, ...part })
    const { source, devices } = JSON.parse(await readFile(file, 'utf8')) as {
      readonly source: string
      readonly devices: readonly { readonly endpoint: string; readonly groups: readonly { rule: string }[] }[]
    }
    return {
      source,
      of: devices.map(({ endpoint }) => endpoint),
      rules: devices.flatMap(({ groups }) => groups),
    }
  }
  expect((await report({})).of).toEqual([A, B])
  expect(await report({ endpoint: B })).toMatchObject({ source: `live (${B})`, of: [B] })
  const { source, rules } = await report({ filter: 'mqtt.msgtype == PUBLISH' })
  expect(source).toContain('mqtt.msgtype == PUBLISH')
  expect(rules.length).toBeGreaterThan(0)
  expect(rules.map(({ rule }) => rule)).not.toContain('request-response-information')
  await expect(report({ filter: 'mqtt.qos ==' })).rejects.toThrow('A value for mqtt.qos is missing here.')
})
