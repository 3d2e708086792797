import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Msg } from '../../../shared/usp/codec.ts'
import { comparePaths, parentPath, supportedPath } from '../../../shared/usp/model-answers.ts'
import { testEngine, type TestEngine } from '../../support/engine.ts'
import { errorMsg, responseMsg, TestAgent } from '../../support/usp-agent.ts'

const endpointId = 'os::00256D-1'
const values: Record<string, string> = {
  'Device.RootDataModelVersion': '2.17',
  'Device.DeviceInfo.ModelName': 'Router',
  'Device.DeviceInfo.SerialNumber': '1',
  'Device.WiFi.SSID.2.SSID': 'home',
  'Device.WiFi.SSID.2.Enable': 'true',
  'Device.WiFi.SSID.10.SSID': 'guest',
  'Device.LocalAgent.Subscription.1.ID': 'boot',
  'Device.LocalAgent.Subscription.1.Enable': 'true',
  'Device.LocalAgent.Subscription.1.Recipient': 'Device.LocalAgent.Controller.1',
  'Device.LocalAgent.Subscription.1.NotifType': 'Event',
  'Device.LocalAgent.Subscription.1.ReferenceList': 'Device.Boot!, Device.LocalAgent.Periodic!',
}
const param = (paramName: string, access = 0) => ({ paramName, access, valueType: 8, valueChange: 1 })
const model = [
  {
    supportedObjPath: 'Device.',
    supportedParams: [param('RootDataModelVersion')],
    supportedEvents: [{ eventName: 'Boot!', argNames: ['Cause'] }],
  },
  { supportedObjPath: 'Device.DeviceInfo.', supportedParams: [param('ModelName'), param('SerialNumber')] },
  {
    supportedObjPath: 'Device.WiFi.',
    supportedCommands: [
      { commandName: 'Reset()', commandType: 1, inputArgNames: ['Hard'], outputArgNames: [] },
    ],
  },
  {
    supportedObjPath: 'Device.WiFi.SSID.{i}.',
    isMultiInstance: true,
    access: 1,
    supportedParams: [param('SSID', 1), param('Enable', 1)],
    uniqueKeySets: [{ keyNames: ['SSID'] }],
  },
]

let bench: TestEngine
let agent: TestAgent
let asked: string[]
/** Answers too large for this device are refused. */
let refused: readonly string[]

function answer(msg: Msg): Msg | undefined {
  const body = msg.body?.msgBody
  const type = body?.case === 'request' ? body.value.reqType : undefined
  if (type?.case === 'getSupportedDm') {
    const [path = ''] = type.value.objPaths
    const place = supportedPath(path)
    const what = `${path}${type.value.firstLevelOnly ? ' first level' : ''}`
    asked.push(what)
    if (refused.includes(what)) return errorMsg(msg, 7005, 'too large')
    const found = model.filter(({ supportedObjPath: one }) =>
      type.value.firstLevelOnly
        ? one === place || one === `${place}{i}.` || parentPath(one) === place
        : one.startsWith(place),
    )
    // The next level comes without its contents.
    const supportedObjs = found.map((object) =>
      !type.value.firstLevelOnly || object.supportedObjPath === place
        ? object
        : { supportedObjPath: object.supportedObjPath, isMultiInstance: object.isMultiInstance ?? false },
    )
    return responseMsg(msg, 'getSupportedDmResp', { reqObjResults: [{ reqObjPath: path, supportedObjs }] })
  }
  if (type?.case === 'getInstances') {
    const currInsts = [2, 10].map((row) => ({
      instantiatedObjPath: `Device.WiFi.SSID.${row}.`,
      uniqueKeys: { SSID: values[`Device.WiFi.SSID.${row}.SSID`] ?? '' },
    }))
    return responseMsg(msg, 'getInstancesResp', {
      reqPathResults: [{ requestedPath: 'Device.WiFi.SSID.', currInsts }],
    })
  }
  if (type?.case === 'add') {
    const [object] = type.value.createObjs
    for (const { param: name, value } of object?.paramSettings ?? [])
      values[`${object?.objPath}7.${name}`] = value
    const operSuccess = { instantiatedPath: `${object?.objPath}7.` }
    const operStatus = { operStatus: { case: 'operSuccess', value: operSuccess } }
    return responseMsg(msg, 'addResp', {
      createdObjResults: [{ requestedPath: object?.objPath, operStatus }],
    })
  }
  if (type?.case === 'delete') {
    for (const path of Object.keys(values))
      if (path.startsWith(type.value.objPaths[0] ?? '-')) delete values[path]
    return responseMsg(msg, 'deleteResp', {})
  }
  return undefined
}

beforeEach(async () => {
  asked = []
  refused = []
  bench = await testEngine({ 'usp.controller': true, 'usp.discover': false })
  await expect.poll(() => bench.engine.current('usp').controller.state).toBe('connected')
  agent = await TestAgent.connect({ port: bench.port, endpointId, values, answer })
})
afterEach(async () => {
  await agent.close()
  await bench.stop()
})

describe('the supported data model', () => {
  test('is read in parts, told while it is, and kept for another day', async () => {
    const { handlers } = bench.engine
    await expect(handlers['model.get']({ endpointId })).rejects.toThrow('was not read yet')
    const read = handlers['model.refresh']({ endpointId })
    await expect(handlers['model.refresh']({ endpointId })).rejects.toThrow('being read already')
    expect(bench.engine.current('usp').reading).toMatchObject([{ endpointId }])
    const { objects, failures } = await read
    expect(asked).toEqual(['Device. first level', 'Device.DeviceInfo.', 'Device.WiFi.'])
    expect(objects.map(({ path }) => path)).toEqual(model.map(({ supportedObjPath }) => supportedObjPath))
    expect(failures).toEqual([])
    expect(objects[3]).toMatchObject({
      access: 'add-delete',
      multiInstance: true,
      parameters: [
        { name: 'SSID', access: 'read-write', type: 'string', valueChange: 'allowed' },
        { name: 'Enable' },
      ],
      uniqueKeys: [['SSID']],
    })
    expect(objects[2]?.commands).toEqual([{ name: 'Reset()', kind: 'sync', inputs: ['Hard'], outputs: [] }])
    expect(bench.engine.current('usp').reading).toEqual([])
    const [file = ''] = await readdir(join(bench.folder, 'models'))
    expect(file).toMatch(/^os_00256D-1-[0-9a-f]{12}\.json$/)
    expect(JSON.parse(await readFile(join(bench.folder, 'models', file), 'utf8'))).toMatchObject({
      version: 1,
    })
  })

  test('of a device that cannot tell much at once is taken apart further', async () => {
    refused = ['Device.WiFi.']
    const { objects } = await bench.engine.handlers['model.refresh']({ endpointId })
    expect(asked.slice(2)).toEqual(['Device.WiFi.', 'Device.WiFi. first level', 'Device.WiFi.SSID.{i}.'])
    expect(objects).toHaveLength(4)
    expect(objects[3]?.parameters).toHaveLength(2)
    refused = ['Device.WiFi.', 'Device.WiFi.SSID.{i}.', 'Device.WiFi.SSID.{i}. first level']
    expect((await bench.engine.handlers['model.refresh']({ endpointId })).failures).toMatchObject([
      { path: 'Device.WiFi.SSID.{i}.', code: 7005 },
    ])
  })

  test('is not read further when that is cancelled', async () => {
    const read = bench.engine.handlers['model.refresh']({ endpointId, call: 'r' })
    await bench.engine.handlers['usp.cancel']({ call: 'r' })
    await expect(read).rejects.toMatchObject({ code: 'cancelled' })
    expect(asked.length).toBeLessThan(3)
    await expect(async () => bench.engine.handlers['usp.cancel']({ call: 'r' })).rejects.toThrow(
      'ended already',
    )
    expect(bench.engine.current('usp').reading).toEqual([])
  })

  test('in a broken file is set aside and told', async () => {
    await bench.engine.handlers['model.refresh']({ endpointId })
    const folder = join(bench.folder, 'models')
    const [file = ''] = await readdir(folder)
    // More than are held in memory, so that it is read again.
    for (let i = 0; i < 17; i++) {
      const other = await TestAgent.connect({ port: bench.port, endpointId: `os::other${i}`, values, answer })
      await bench.engine.handlers['model.refresh']({
        endpointId: `os::other${i}`,
        path: 'Device.DeviceInfo.',
      })
      await other.close()
    }
    await writeFile(join(folder, file), '{')
    await expect(bench.engine.handlers['model.get']({ endpointId })).rejects.toThrow('was not read yet')
    expect((await readdir(folder)).some((name) => name.startsWith(`${file}.broken-`))).toBe(true)
    expect(bench.engine.current('bench').problems).toMatchObject([
      { text: expect.stringContaining('cannot be read') },
    ])
  })
})

describe('a tree', () => {
  test('opens one object or table at a time, the model being learned on the way', async () => {
    const { handlers } = bench.engine
    expect(await handlers['model.open']({ endpointId, path: 'Device.' })).toEqual({
      path: 'Device.',
      instances: [],
      values: [['Device.RootDataModelVersion', '2.17']],
      children: ['Device.DeviceInfo.', 'Device.WiFi.'],
      failures: [],
    })
    expect(await handlers['model.open']({ endpointId, path: 'Device.WiFi.' })).toMatchObject({
      children: ['Device.WiFi.SSID.'],
    })
    expect(await handlers['model.open']({ endpointId, path: 'Device.WiFi.SSID.' })).toMatchObject({
      instances: [
        { path: 'Device.WiFi.SSID.2.', uniqueKeys: [['SSID', 'home']] },
        { path: 'Device.WiFi.SSID.10.', uniqueKeys: [['SSID', 'guest']] },
      ],
      values: [],
    })
    expect(await handlers['model.open']({ endpointId, path: 'Device.WiFi.SSID.2.' })).toMatchObject({
      values: [
        ['Device.WiFi.SSID.2.Enable', 'true'],
        ['Device.WiFi.SSID.2.SSID', 'home'],
      ],
      children: [],
    })
    await expect(handlers['model.open']({ endpointId, path: 'Device.WiFi' })).rejects.toThrow(
      'ends with a dot',
    )
    // Known by now: nothing about it is asked again.
    const before = asked.length
    await handlers['model.open']({ endpointId, path: 'Device.' })
    expect(asked.length).toBe(before)
  })

  test('of values is a snapshot: sorted, with what could not be read', async () => {
    const read = await bench.engine.handlers['model.values']({
      endpointId,
      paths: ['Device.WiFi.', 'Device.Nope.'],
      maxDepth: 0,
    })
    expect(read.values.map(([path]) => path)).toEqual([
      'Device.WiFi.SSID.2.Enable',
      'Device.WiFi.SSID.2.SSID',
      'Device.WiFi.SSID.10.SSID',
    ])
    expect(read.failures).toMatchObject([{ path: 'Device.Nope.', code: 7026 }])
    await agent.close()
    await expect
      .poll(async () => (await bench.engine.handlers['devices.get']({ endpointId })).online)
      .toBe(false)
    await expect(
      bench.engine.handlers['model.values']({ endpointId, paths: ['Device.'], maxDepth: 0 }),
    ).rejects.toThrow('not connected')
  })
})

test('subscriptions are listed, added and deleted', async () => {
  const { handlers } = bench.engine
  expect(await handlers['model.subscriptions']({ endpointId })).toEqual([
    {
      path: 'Device.LocalAgent.Subscription.1.',
      id: 'boot',
      enabled: true,
      recipient: 'Device.LocalAgent.Controller.1',
      kind: 'Event',
      references: ['Device.Boot!', 'Device.LocalAgent.Periodic!'],
      persistent: false,
      notifyRetry: false,
    },
  ])
  const made = await handlers['model.subscribe']({
    endpointId,
    kind: 'ValueChange',
    references: ['Device.WiFi.'],
    id: 'mine',
    persistent: true,
    notifyRetry: false,
  })
  expect(made).toMatchObject({
    path: 'Device.LocalAgent.Subscription.7.',
    id: 'mine',
    kind: 'ValueChange',
    persistent: true,
  })
  await handlers['model.unsubscribe']({ endpointId, path: made.path })
  expect(await handlers['model.subscriptions']({ endpointId })).toHaveLength(1)
  await expect(handlers['model.unsubscribe']({ endpointId, path: 'Device.WiFi.SSID.2.' })).rejects.toThrow(
    'is no row',
  )
})

test('paths find their place in the model, and numbers in them count as numbers', () => {
  expect(supportedPath('Device.WiFi.SSID.3.Sub.*.Name')).toBe('Device.WiFi.SSID.{i}.Sub.{i}.Name')
  expect(supportedPath('Device.WiFi.SSID.[Enable==true].SSID')).toBe('Device.WiFi.SSID.{i}.SSID')
  expect(parentPath('Device.WiFi.SSID.{i}.')).toBe('Device.WiFi.')
  expect(['A.10.', 'A.9.', 'A.', 'A.9.B'].toSorted(comparePaths)).toEqual(['A.', 'A.9.', 'A.9.B', 'A.10.'])
})
