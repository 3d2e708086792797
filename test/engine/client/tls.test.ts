/** TLS and mutual TLS, at the listeners of a bench. */
import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { thisBench } from '../../../electron/engine/client/profiles.ts'
import type { ClientProfile, SecretChanges } from '../../../shared/contract/mqtt-client.ts'
import { clientBench, type ClientBench } from './bench.ts'

let t: ClientBench
beforeEach(async () => {
  t = await clientBench()
})
afterEach(() => t.stop())

const overTls = (
  tls: Partial<ClientProfile['tls']> = {},
  transport: 'tls' | 'wss' = 'tls',
): Partial<ClientProfile> => ({
  target: { kind: 'bench', transport },
  tls: { ...thisBench.tls, ...tls },
})
const message = async (more: Partial<ClientProfile>, secrets: SecretChanges = {}) =>
  (await t.connect('a', more, secrets)).message

test('the authority of the lab is trusted where the profile says so, over TLS and secure WebSocket', async () => {
  expect(await t.connect('a', overTls())).toMatchObject({ phase: 'connected' })
  expect(await t.connect('b', overTls({}, 'wss'))).toMatchObject({ phase: 'connected' })
  expect(await message(overTls({ authority: { kind: 'system' } }))).toMatch(
    /signed by an authority that this profile does not trust: choose its authority under TLS/,
  )
  expect(await message(overTls({ serverName: 'router.example' }))).toMatch(/is for another name/)
  const pem = await readFile(t.engine.current('certificates').authorityFile, 'utf8')
  expect(await message(overTls({ authority: { kind: 'pem', pem }, serverName: 'localhost' }))).toBeUndefined()
  expect(await message(overTls({ authority: { kind: 'file', path: '/nowhere.pem' } }))).toMatch(
    /The file with the authority cannot be read \(there is no such file\)/,
  )
  expect(await message(overTls({ authority: { kind: 'system' }, verify: false }))).toBeUndefined()
})

test('a port without TLS is told from one with it', async () => {
  const plain = { kind: 'broker', transport: 'tls', host: '127.0.0.1', port: t.port, path: '' } as const
  expect(await message({ ...overTls(), target: plain })).toMatch(/does not speak TLS|closed the connection/)
  const { port = 0 } = t.engine.current('bench').listeners.find(({ transport }) => transport === 'tls') ?? {}
  expect(await message({ target: { ...plain, transport: 'tcp', port } })).toMatch(/expects TLS/)
})

test('mutual TLS: the certificate of a device of the lab, as file, as PEM, and none', async () => {
  await t.engine.handlers['certificates.ask']({ mode: 'required' })
  const { serial } = await t.engine.handlers['certificates.issue']({ endpointId: 'os::A-1' })
  expect(await message(overTls())).toMatch(/client certificate/)
  expect(await t.connect('b', overTls({ certificate: { kind: 'lab', serial } }))).toMatchObject({
    phase: 'connected',
  })
  const { file } = await t.engine.handlers['certificates.bundle']({ serial })
  expect(
    await message(overTls({ certificate: { kind: 'file', certificate: file, key: '' } })),
  ).toBeUndefined()

  const bundle = await readFile(file, 'utf8')
  const [key = ''] =
    /-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?-----END [A-Z ]*PRIVATE KEY-----/.exec(bundle) ?? []
  const pem = bundle.replace(key, '')
  expect(await message(overTls({ certificate: { kind: 'pem', pem } }), { key })).toBeUndefined()
  expect(JSON.stringify(t.engine.current('clientProfiles'))).not.toContain('PRIVATE KEY')
  expect(await message(overTls({ certificate: { kind: 'pem', pem: 'no pem' } }))).toMatch(/is no PEM/)
})
