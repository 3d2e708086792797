/** Wireshark as the judge: the same filter finds the same packets of a real capture. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parseFilter } from '../../../shared/filter/filter.ts'
import { matchPacket } from '../../../shared/filter/match.ts'
import { describeWith, requireTool } from '../../support/tools.ts'
import { readCapture } from './indexed.ts'

/** In this capture no TCP segment holds more than one MQTT packet, so frames are packets. */
const capture = 'obuspa-tour.pcapng'
const file = fileURLToPath(new URL(`../../fixtures/captures/${capture}`, import.meta.url))

function countByTshark(filter: string): number {
  const args = ['-r', file, '-Y', filter, '-T', 'fields', '-e', 'frame.number']
  const out = execFileSync(requireTool('tshark'), args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return out.split('\n').filter(Boolean).length
}

describeWith(['tshark'], 'finds as many packets as tshark does', () => {
  const index = readCapture(capture)

  function count(filter: string): number {
    const parsed = parseFilter(filter)
    if (!parsed.ok) throw new Error(parsed.error.message)
    const rows = Array.from({ length: index.rows }, (_, i) => i + 1)
    return rows.filter((no) => matchPacket(parsed.filter.program, index.packet(no))).length
  }

  test.each([
    'mqtt.msgtype in {1, 3..4}',
    'mqtt and mqtt.msgtype not in {1, 3..4}',
    'mqtt.qos',
    'mqtt.qos !== 0 or mqtt.retain == 1',
    'mqtt and not mqtt.topic',
    'mqtt.topic contains "TOUR5"',
    'mqtt.topic matches r"/OS::[0-9A-F]{6}-\\w+$"',
    'mqtt.topic > "oktopus/usp/v1/b"',
    'mqtt.topic != "oktopus/usp/v1/agent/os::00256D-TOUR5"',
    'mqtt.clientid contains "TOUR311"',
    'mqtt.conflag.cleansess == 1 && mqtt.kalive == 60',
    'mqtt.ver == 4 or mqtt.connack.reason_code == 0 and mqtt.msgtype == 2',
    'mqtt.conack.val == 0 or mqtt.suback.qos',
    'mqtt.suback.reason_code === 1',
    'mqtt.sub.qos || mqtt.subscription_options_qos',
    'mqtt.msgid lt 5 && !(mqtt.msgtype eq 4)',
    'mqtt.len > 100',
    'mqtt.msg contains "Device"',
    'mqtt.msg contains 0a:03',
    'mqtt.msg matches "boot!"',
    'mqtt.property.content_type',
    'mqtt.prop_value != "x"',
    'mqtt && ip.src == 127.0.0.0/8 && tcp.srcport == 1883',
  ])('%s', (filter) => {
    expect(count(filter)).toBe(countByTshark(filter))
  })
})
