import { expect, test } from 'vitest'
import { publishLine } from '../../../../renderer/features/client/command-line.ts'
import { newProfile } from '../../../../renderer/features/client/profile-draft.ts'
import type { KeptProfile } from '../../../../shared/contract/mqtt-client.ts'

const where = { host: '10.0.0.1', port: 1883 }
const message = {
  topic: 'lab/one',
  payload: new TextEncoder().encode('hello'),
  qos: 1,
  retain: true,
  properties: [
    { name: 'userProperty', value: ['b', '1'] },
    { name: 'topicAlias', value: 3 },
    { name: 'userProperty', value: ['a', '2'] },
  ],
} as const
const profile = (more: Partial<KeptProfile> = {}): KeptProfile => ({
  ...newProfile('p'),
  secrets: [],
  ...more,
})

test('a message with its connection, and no password in it', () => {
  const line = publishLine(message, profile({ username: 'me', clientId: 'c1' }), where)
  expect(line.split('\n').at(-1)).toBe(
    'mosquitto_pub -h 10.0.0.1 -p 1883 -V mqttv5 -i c1 -k 60 -u me -P "$MQTT_PASSWORD" -D connect receive-maximum 65535 -t lab/one -q 1 -r -D publish user-property b 1 -D publish user-property a 2 -m hello',
  )
  expect(line).toContain('# Set the variable MQTT_PASSWORD to the password first.')
})

test('files of TLS, and what the program cannot do, are told', () => {
  const target = { kind: 'broker', transport: 'wss', host: 'h', port: 1, path: '' } as const
  const tls = {
    authority: { kind: 'lab' },
    certificate: { kind: 'file', certificate: '/c.pem', key: '' },
    verify: false,
    serverName: '',
  } as const
  const line = publishLine(message, profile({ target, tls }), where)
  expect(line).toContain('--cafile lab-ca.pem --cert /c.pem --key /c.pem')
  for (const remark of ['speaks no WebSocket', 'below certificates/', 'add --insecure'])
    expect(line).toContain(remark)
})

test('an alias alone is written out as its topic', () => {
  expect(publishLine({ ...message, topic: '' }, profile({ level: 4 }), where, 'known/topic')).toContain(
    '-t known/topic',
  )
})
