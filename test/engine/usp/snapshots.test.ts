/** Snapshots, comparisons and watched parameters, with a simulated agent. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Link } from '../../../electron/engine/simulator/link.ts'
import { subscriptionRows } from '../../../electron/engine/simulator/subscription-rows.ts'
import type { SnapshotInfo } from '../../../shared/contract/snapshots.ts'
import type { WatchRow } from '../../../shared/contract/watch.ts'
import { testEngine, type TestEngine } from '../../support/engine.ts'
import { startSimulated } from '../../support/simulated.ts'

const endpointId = 'os::02005E-SNAP01'
/** Agents and bench share two cores with other tests. */
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 10_000 })

let bench: TestEngine
let agent: Link

const started = async (version: string): Promise<Link> => {
  const link = await startSimulated({ port: bench.port, endpointId, version, haste: 20 })
  await eventually(() => deviceUsp()).toMatchObject({
    discovery: { state: 'done' },
    softwareVersion: version,
  })
  return link
}
const deviceUsp = () =>
  Promise.resolve(bench.engine.handlers['devices.get']({ endpointId })).then(
    ({ usp }) => usp,
    () => undefined,
  )

beforeEach(async () => {
  bench = await testEngine({ 'usp.controller': true })
  await eventually(() => bench.engine.current('usp').controller.state).toBe('connected')
  agent = await started('1.0')
})
afterEach(async () => {
  await agent.stop()
  await bench.stop()
})

const handlers = () => bench.engine.handlers

/** Sets a parameter with a request of its own; the request must be answered without a failure. */
async function set(path: string, value: string): Promise<void> {
  const cut = path.lastIndexOf('.') + 1
  const settings = [{ param: path.slice(cut), value, required: true }]
  const report = await handlers()['usp.request']({
    endpointId,
    message: {
      set: {
        allow_partial: false,
        update_objs: [{ obj_path: path.slice(0, cut), param_settings: settings }],
      },
    },
  })
  expect([report.outcome, report.failures]).toEqual(['answered', []])
}

async function take(name: string, paths = ['Device.']): Promise<SnapshotInfo> {
  const { job } = await handlers()['model.takeSnapshot']({ endpointId, paths, name, note: '' })
  await eventually(() => bench.engine.current('jobs').find(({ id }) => id === job)?.state).toBe('done')
  const found = bench.engine.current('snapshots').list.find((one) => one.name === name)
  if (!found) throw new Error(`the snapshot ${name} is not listed`)
  return found
}

describe('snapshots', () => {
  test('are files that say what the device held, and what differs now', async () => {
    const before = await take('before')
    expect(before).toMatchObject({ endpointId, softwareVersion: '1.0', paths: ['Device.'], failures: 0 })
    expect(before.values).toBeGreaterThan(50)
    const text = await readFile(join(bench.folder, 'snapshots', `${before.id}.json`), 'utf8')
    expect(text).toContain('\n    "Device.DeviceInfo.SoftwareVersion": "1.0",\n')

    await set('Device.DeviceInfo.ProvisioningCode', 'lab-7')
    const { values, supported, same, right } = await handlers()['model.compare']({
      left: { kind: 'snapshot', id: before.id },
      right: { kind: 'device', endpointId },
    })
    expect(values.filter(({ quiet }) => !quiet)).toEqual([
      {
        path: 'Device.DeviceInfo.ProvisioningCode',
        change: 'changed',
        before: '',
        after: 'lab-7',
        quiet: false,
      },
    ])
    expect(supported).toEqual([])
    expect(right.name).toBe('Now')
    expect(same).toBeGreaterThan(50)
  })

  test('of a part ask for that part alone, and are compared in that', async () => {
    const part = await take('time', ['Device.Time.'])
    const { values } = await handlers()['model.snapshot']({ id: part.id })
    expect(values.map(([path]) => path).filter((path) => !path.startsWith('Device.Time.'))).toEqual([])
    await set('Device.DeviceInfo.ProvisioningCode', 'lab-7')
    await set('Device.Time.NTPServer1', 'ntp.example')
    const whole = await take('whole')
    const found = await handlers()['model.compare']({
      left: { kind: 'snapshot', id: part.id },
      right: { kind: 'snapshot', id: whole.id },
    })
    expect(found.paths).toEqual(['Device.Time.'])
    expect(found.values.filter(({ quiet }) => !quiet).map(({ path }) => path)).toEqual([
      'Device.Time.NTPServer1',
    ])
  })

  test('are renamed and deleted; a broken file is told, and left alone', async () => {
    const { id } = await take('one')
    await handlers()['model.renameSnapshot']({ id, name: 'other', note: 'why' })
    expect(bench.engine.current('snapshots').list).toMatchObject([{ id, name: 'other', note: 'why' }])
    const folder = join(bench.folder, 'snapshots')
    await writeFile(join(folder, 'hand.json'), '{}')
    await handlers()['model.listSnapshots'](undefined)
    expect(bench.engine.current('snapshots').unreadable).toMatchObject([{ file: 'hand.json' }])
    await handlers()['model.deleteSnapshot']({ id })
    expect(bench.engine.current('snapshots').list).toEqual([])
    expect(await readdir(join(folder, '.trash'))).toEqual([`${id}.json`])
    await expect(handlers()['model.snapshot']({ id })).rejects.toThrow('There is no snapshot')
  })

  test('are stopped while the device answers', async () => {
    await agent.stop()
    agent = await startSimulated({ port: bench.port, endpointId, misbehave: ['slow'] })
    const wish = { endpointId, paths: ['Device.'], name: '', note: '' }
    const { job } = await handlers()['model.takeSnapshot'](wish)
    const state = () => bench.engine.current('jobs').find(({ id }) => id === job)?.state
    await eventually(() => bench.engine.current('usp').waiting).toBeGreaterThan(0)
    await handlers()['jobs.cancel']({ id: job })
    await expect.poll(state).toBe('cancelled')
    expect(bench.engine.current('snapshots').list).toEqual([])
  })

  test('of a device that is gone fail with the reason', async () => {
    await agent.stop()
    const { job } = await handlers()['model.takeSnapshot']({
      endpointId,
      paths: ['Device.'],
      name: '',
      note: '',
    })
    const found = () => bench.engine.current('jobs').find(({ id }) => id === job)
    await eventually(() => found()?.state).toBe('failed')
    expect(found()?.message).toContain('not connected')
  })
})

test('after a firmware change the model is read again, and the one before can be compared', async () => {
  await handlers()['model.refresh']({ endpointId })
  await agent.stop()
  agent = await started('2.0')
  await eventually(async () => (await handlers()['model.get']({ endpointId })).softwareVersion).toBe('2.0')
  const versions = await handlers()['model.versions']({ endpointId })
  expect(versions.map(({ softwareVersion }) => softwareVersion)).toEqual(['2.0', '1.0'])
  const { left, right, supported, values } = await handlers()['model.compare']({
    left: { kind: 'model', endpointId, softwareVersion: '1.0' },
    right: { kind: 'model', endpointId, softwareVersion: '2.0' },
  })
  expect([left.objects, supported, values]).toEqual([right.objects, [], []])
})

describe('watched parameters', () => {
  const row = (): WatchRow | undefined => bench.engine.current('watches')[0]
  const path = 'Device.DeviceInfo.ProvisioningCode'

  test('are told by the device, whose subscription ends with the watch', async () => {
    await handlers()['model.watch']({ endpointId, paths: [path], seconds: 0 })
    await eventually(() => row()?.last?.[1]).toBe('')
    const own = async () =>
      (await handlers()['model.subscriptions']({ endpointId })).filter(({ id }) =>
        id.startsWith('bench-watch-'),
      )
    expect(await own()).toMatchObject([{ kind: 'ValueChange', references: [path], persistent: false }])
    await set(path, '17')
    await eventually(() => row()?.last?.[1]).toBe('17')
    expect(row()).toMatchObject({ samples: 2, previous: [expect.any(Number), ''] })
    const id = row()?.id ?? ''
    expect((await handlers()['model.watched']({ id })).map(([, value]) => value)).toEqual(['', '17'])
    await handlers()['model.unwatch']({ id })
    expect(row()).toBeUndefined()
    expect(await own()).toEqual([])
  })

  test('are asked for at a pace; what fails stands beside them', async () => {
    const paths = ['Device.DeviceInfo.UpTime', 'Device.DeviceInfo.Nothing']
    await handlers()['model.watch']({ endpointId, paths, seconds: 1 })
    await eventually(() => row()?.samples).toBeGreaterThan(2)
    expect(row()).toMatchObject({ numeric: true, seconds: 1 })
    expect(bench.engine.current('watches')[1]?.problem).toMatch(/^7026/)
  })
})

test('subscriptions of the bench go with it, persistent ones stay', async () => {
  const wish = { endpointId, kind: 'ValueChange' as const, references: ['Device.Time.'], notifyRetry: false }
  await handlers()['model.subscribe']({ ...wish, id: 'goes', persistent: false })
  await handlers()['model.subscribe']({ ...wish, id: 'stays', persistent: true })
  const folder = bench.folder
  await bench.engine.stop()
  const { model } = agent.agent
  const ids = subscriptionRows(model).map((row) => model.text(row, 'ID'))
  expect(ids.filter((id) => id === 'goes' || id === 'stays')).toEqual(['stays'])
  bench = await testEngine({ 'usp.controller': true }, folder)
})
