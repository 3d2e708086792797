/** Connections and saved publishes as a file, and the order of connections. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PROFILES_FILE, thisBench } from '../../../electron/engine/client/profiles.ts'
import { clientBench, publishDraft, subscriptionDraft, type ClientBench } from './bench.ts'

let t: ClientBench
beforeEach(async () => {
  t = await clientBench()
})
afterEach(() => t.stop())
const call = () => t.engine.handlers
const names = () => t.engine.current('clientProfiles').map(({ name }) => name)

test('what one bench exports another takes, without secrets and beside what is there', async () => {
  const profile = {
    ...thisBench,
    id: 'a',
    name: 'Lab',
    subscriptions: [subscriptionDraft('x/#')],
    properties: [{ name: 'userProperty' as const, key: 'k', value: 'v' }],
  }
  await call()['client.save']({ profile, secrets: { password: 'pass-1' } })
  const kept = { publish: publishDraft('x', 'one'), note: 'n', variables: { y: '1' } }
  await call()['publishes.save']({ path: 'rooms/one.json', ...kept })
  const { text, remarks } = await call()['client.bundle']({ publishes: true })
  expect(text).not.toContain('pass-1')
  expect(remarks).toEqual(['Passwords and keys are not in it: Lab.'])

  expect(await call()['client.import']({ text })).toEqual({
    profiles: ['This bench (2)', 'Lab (2)'],
    publishes: ['rooms/one (2).json'],
    remarks: [],
  })
  const { id: _, ...there } = t.engine.current('clientProfiles')[3] ?? profile
  expect(there).toEqual({ ...profile, id: undefined, name: 'Lab (2)', secrets: [] })
  expect(await call()['publishes.read']({ path: 'rooms/one (2).json' })).toMatchObject(kept)
  const one = await call()['client.bundle']({ profiles: ['a'], publishes: false })
  expect(JSON.parse(one.text)).toMatchObject({ profiles: [{ name: 'Lab' }], publishes: [] })
})

test('what is none is refused, and what is partly sound is taken partly', async () => {
  const refused = (text: string) => call()['client.import']({ text })
  await expect(refused('no JSON')).rejects.toThrow('The text is no JSON')
  await expect(refused('{"a": 1}')).rejects.toThrow('neither connections of this bench nor of MQTTX')
  await expect(refused('{"oktobench": "clients", "version": 9}')).rejects.toThrow('newer Oktobench')
  const profiles = [
    { ...thisBench, name: 'good' },
    { ...thisBench, keepAlive: -1 },
  ]
  const publishes = [{ path: '../outside.json', note: '', variables: {}, publish: publishDraft('x', '') }]
  const text = JSON.stringify({ oktobench: 'clients', version: 1, profiles, publishes })
  const report = await refused(text)
  expect(report.profiles).toEqual(['good'])
  expect(report.publishes).toEqual([])
  expect(report.remarks).toEqual([
    expect.stringMatching(/^Connection 2 is left out: keepAlive /),
    expect.stringMatching(/^\.\.\/outside\.json: /),
  ])
})

test('connections of MQTTX become profiles, their passwords secrets', async () => {
  const connection = {
    id: '1',
    clientId: 'mqttx_1',
    name: 'Line 3',
    clean: false,
    protocol: 'mqtts',
    host: 'broker.lab',
    port: 8883,
    keepalive: 30,
    connectTimeout: 10,
    reconnect: false,
    username: 'me',
    password: 'pass-2',
    path: '/mqtt',
    certType: 'self',
    ssl: true,
    rejectUnauthorized: false,
    ca: '/certs/ca.pem',
    cert: '',
    key: '',
    mqttVersion: '5.0',
    properties: {
      sessionExpiryInterval: 300,
      receiveMaximum: null,
      userProperties: { a: ['1', '2'], b: '3' },
    },
    will: {
      lastWillTopic: 'gone',
      lastWillPayload: 'bye',
      lastWillQos: 1,
      lastWillRetain: true,
      properties: { willDelayInterval: 5, contentType: 'text/plain' },
    },
    subscriptions: [{ topic: 'lab/#', qos: 2, nl: true, rap: false, rh: 1, subscriptionIdentifier: 7 }],
    messages: [],
  }
  const { profiles, remarks } = await call()['client.import']({
    text: JSON.stringify([connection, { name: 'a folder', isCollection: true }]),
  })
  expect(profiles).toEqual(['Line 3'])
  expect(remarks).toEqual([expect.stringContaining('Connection 2 is left out: host')])
  expect(t.engine.current('clientProfiles').at(-1)).toMatchObject({
    target: { kind: 'broker', transport: 'tls', host: 'broker.lab', port: 8883 },
    tls: { authority: { kind: 'file', path: '/certs/ca.pem' }, verify: false },
    level: 5,
    clientId: 'mqttx_1',
    clean: false,
    keepAlive: 30,
    reconnect: 0,
    properties: [
      { name: 'sessionExpiryInterval', value: '300' },
      { name: 'userProperty', key: 'a', value: '1' },
      { name: 'userProperty', key: 'a', value: '2' },
      { name: 'userProperty', key: 'b', value: '3' },
    ],
    will: {
      topic: 'gone',
      qos: 1,
      retain: true,
      properties: [
        { name: 'willDelayInterval', value: '5' },
        { name: 'contentType', value: 'text/plain' },
      ],
    },
    subscriptions: [
      { filter: 'lab/#', qos: 2, noLocal: true, retainHandling: 1, properties: [{ value: '7' }] },
    ],
    secrets: ['password'],
  })
  expect(await readFile(join(t.folder, PROFILES_FILE), 'utf8')).not.toContain('pass-2')
})

test('connections are moved up and down, and not beyond the ends', async () => {
  for (const id of ['a', 'b'])
    await call()['client.save']({ profile: { ...thisBench, id, name: id }, secrets: {} })
  await call()['client.move']({ id: 'b', by: -1 })
  expect(names()).toEqual(['This bench', 'b', 'a'])
  await call()['client.move']({ id: 'a', by: 1 })
  expect(names()).toEqual(['This bench', 'b', 'a'])
})

test('a key that is pasted with its certificate goes to the secrets', async () => {
  const block = (what: string, body: string) => `-----BEGIN ${what}-----\n${body}\n-----END ${what}-----\n`
  const pem = block('CERTIFICATE', 'Y2VydA==') + block('EC PRIVATE KEY', 'a2V5')
  const tls = { ...thisBench.tls, certificate: { kind: 'pem', pem } } as const
  await call()['client.save']({ profile: { ...thisBench, id: 'a', tls }, secrets: {} })
  const kept = t.engine.current('clientProfiles').at(-1)
  expect(kept?.secrets).toEqual(['key'])
  expect(kept?.tls.certificate).toEqual({ kind: 'pem', pem: block('CERTIFICATE', 'Y2VydA==') })
  expect(await readFile(join(t.folder, PROFILES_FILE), 'utf8')).not.toContain('a2V5')
})
