import { afterEach, expect, test } from 'vitest'
import { Access } from '../../../electron/engine/access/access.ts'
import { startLink, type ControllerLink, type ReceivedPublish } from '../../../electron/engine/usp/link.ts'
import { OKTOPUS_DEFAULTS } from '../../../shared/acl/defaults.ts'
import { getProperty } from '../../../shared/mqtt/properties.ts'
import { apiTopic } from '../../../shared/usp/oktopus.ts'
import { testBroker, type TestBroker } from '../../support/broker.ts'

let bench: TestBroker
let link: ControllerLink
afterEach(async () => {
  await link.stop()
  await bench.close()
})

const guard = (check: (password: string) => boolean, list = OKTOPUS_DEFAULTS) =>
  new Access({
    open: false,
    list,
    passwords: {
      check: (_name, password) => (check(Buffer.from(password).toString()) ? 'ok' : 'wrong-password'),
    },
    onDenied: () => undefined,
  })

test('comes back by itself, with the password as it is then', async () => {
  let password = 'old'
  bench = await testBroker({ access: guard((given) => given === password) })
  const came: ReceivedPublish[] = []
  link = startLink({
    port: bench.port,
    password: () => Buffer.from(password),
    onMessage: (message) => came.push(message),
    onState: () => undefined,
  })
  await expect.poll(() => link.state.state).toBe('connected')
  // Or the bench's own linter had something against it.
  const [session] = bench.broker.sessions
  expect(getProperty(session?.connect?.properties ?? [], 'requestResponseInformation')).toBe(1)
  password = 'new'
  for (const session of bench.broker.sessions) session.finish(0x98, 'a test')
  await expect.poll(() => link.state.state).toBe('connecting')
  expect(await link.publish('a', Uint8Array.of(1), {})).toMatchObject({ kind: 'disconnected' })
  await expect.poll(() => link.state.state, { timeout: 5000 }).toBe('connected')
  expect(link.state.subscriptions).toHaveLength(2)
  expect(await link.publish(apiTopic('x'), Uint8Array.of(7), { qos: 1 })).toBeUndefined()
  await expect.poll(() => came).toMatchObject([{ topic: apiTopic('x'), payload: Buffer.from([7]) }])
})

test('says why it is refused, and goes on trying', async () => {
  let right = false
  bench = await testBroker({ access: guard(() => right) })
  link = startLink({
    port: bench.port,
    password: () => undefined,
    onMessage: () => undefined,
    onState: () => undefined,
  })
  await expect
    .poll(() => link.state)
    .toMatchObject({
      state: 'refused',
      message: expect.stringContaining('see Access'),
    })
  right = true
  await expect.poll(() => link.state.state, { timeout: 5000 }).toBe('connected')
})

test('says which topics the rules keep from it', async () => {
  bench = await testBroker({ access: guard(() => true, { version: 1, rules: [] }) })
  link = startLink({
    port: bench.port,
    password: () => undefined,
    onMessage: () => undefined,
    onState: () => undefined,
  })
  await expect
    .poll(() => link.state)
    .toMatchObject({
      state: 'refused',
      message: expect.stringContaining('oktopus/usp/v1/api/#'),
    })
})
