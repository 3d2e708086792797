import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SettingInfo } from '../../../shared/contract/settings.ts'
import { testEngine, type TestEngine } from '../../support/engine.ts'

let bench: TestEngine
beforeEach(async () => {
  bench = await testEngine()
})
afterEach(() => bench.stop())

const set = (name: string, value: string | number | boolean) =>
  bench.engine.handlers['settings.set']({ name, value })
const info = async (name: string): Promise<SettingInfo | undefined> =>
  (await bench.engine.handlers['settings.list'](undefined)).find((one) => one.name === name)
const file = async (): Promise<unknown> =>
  JSON.parse(await readFile(join(bench.folder, 'bench.json'), 'utf8'))

describe('a setting', () => {
  test('is told with its default, its range and when a change holds', async () => {
    expect(await info('broker.maxConnections')).toMatchObject({
      kind: 'integer',
      value: 20_000,
      default: 20_000,
      min: 1,
      max: 1_000_000,
      effect: 'start',
      given: false,
      flag: 'max-connections',
    })
    expect(await info('tls.clientCertificates')).toMatchObject({
      choices: ['off', 'optional', 'required'],
      effect: 'now',
    })
    expect(await info('listeners.tcp.port')).toMatchObject({ given: true, effect: 'now' })
  })

  test('that holds from the next start stands in the file, and what is in force is told', async () => {
    await set('broker.inflight', 7)
    expect(await file()).toMatchObject({ broker: { inflight: 7 } })
    expect(await info('broker.inflight')).toMatchObject({ value: 7, inForce: 1000 })
  })

  test('that holds at once is in force', async () => {
    await set('tls.clientCertificates', 'required')
    expect(bench.engine.current('certificates').clientCertificates).toBe('required')
    await set('access.open', false)
    expect(bench.engine.current('bench').open).toBe(false)
    await set('listeners.ws.enabled', false)
    expect(bench.engine.current('bench').listeners.find(({ transport }) => transport === 'ws')?.state).toBe(
      'off',
    )
  })

  test('that does not fit, or is not known, is refused with what it must be', async () => {
    await expect(set('broker.inflight', 0)).rejects.toThrow('must be a whole number from 1 to 65535')
    await expect(set('access.open', 'yes')).rejects.toThrow('must be true or false')
    await expect(set('nats.url', 'http://x')).rejects.toThrow('must be an address such as nats://host:4222')
    await expect(set('constructor', 1)).rejects.toThrow('not a known setting')
  })

  test('holds no login: that is refused, and one that stands in the file is not shown', async () => {
    await expect(set('nats.url', 'nats://me:s3cret@host:4222')).rejects.toThrow('NATS view')
    const other = await testEngine({ 'nats.url': 'nats://me:s3cret@host:4222,nats://s3cret@b' })
    const list = await other.engine.handlers['settings.list'](undefined)
    await other.stop()
    expect(JSON.stringify(list)).not.toContain('s3cret')
    expect(list.find(({ name }) => name === 'nats.url')?.value).toBe('nats://host:4222,nats://b')
  })
})
