/** Export and import: what goes out, what must not, and that it comes back the same. tshark and capinfos judge. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { BUNDLE_CAPTURE } from '../../../electron/engine/capture/bundle.ts'
import { openEntry } from '../../../electron/engine/capture/export/zip.ts'
import type { Request } from '../../../shared/contract/contract.ts'
import { PACKET_TYPES } from '../../../shared/mqtt/frame.ts'
import { testCaptures, type TestCaptures } from '../../support/captures.ts'
import { describeWith, requireTool } from '../../support/tools.ts'
import { complaints, tsharkFields } from '../../support/tshark.ts'
import { bytesOf, connect, peer, publish } from './packets.ts'
import { scene } from './scene.ts'

const fixture = (name: string) => join(import.meta.dirname, '../../fixtures/captures', name)

type Wishes = Partial<Request<'captures.export'>>
async function exported(t: TestCaptures, wishes: Wishes): Promise<string> {
  const request = { capture: 'live', format: 'pcapng', filter: '', secrets: false, ...wishes } as const
  const { job } = await t.captures.handlers['captures.export'](request)
  const ended = await t.done(job)
  expect(ended).toMatchObject({ state: 'done' })
  return join(t.workspace, ended.file ?? '')
}
async function imported(t: TestCaptures, path: string): Promise<string> {
  const { job } = await t.captures.handlers['captures.import']({ path })
  const ended = await t.done(job)
  expect(ended).toMatchObject({ state: 'done' })
  return ended.capture ?? ''
}
const lines = (path: string): Record<string, unknown>[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
describe('pcapng and evidence', () => {
  test.each(['pcapng', 'bundle'] as const)('%s comes back as the same rows', async (format) => {
    const t = await testCaptures()
    await scene(t)
    const rows = await t.rows()
    // A packet with a remark, one that is malformed, and the end of a connection among them.
    const marks = rows.filter(({ verdict, kind }, i) => i === 2 || verdict !== 'none' || kind !== 'packet')
    for (const { no } of marks) await t.captures.handlers['packets.mark']({ capture: 'live', no, on: true })
    expect(marks.length).toBeGreaterThan(3)
    const path = await exported(t, { format, secrets: true })
    const id = await imported(t, path)
    expect(await t.rows('', id)).toEqual(await t.rows())
    expect(t.info(id)).toMatchObject({ state: 'open', importedFrom: expect.stringContaining('Capture of') })
    // And again, from the files that the import wrote.
    await t.captures.handlers['captures.close']({ id })
    await t.done((await t.captures.handlers['captures.open']({ id })).job)
    expect(await t.rows('', id)).toEqual(await t.rows())
    expect((await t.rows('marked', id)).map(({ no }) => no)).toEqual(marks.map(({ no }) => no))
  })

  test('a bundle of some rows opens to their marks, the note, the name and the filter', async () => {
    const t = await testCaptures()
    await scene(t)
    for (const no of [1, 4, 7]) await t.captures.handlers['packets.mark']({ capture: 'live', no, on: true })
    await t.captures.handlers['captures.update']({ id: t.liveId, name: 'Rack 3', note: 'third attempt' })
    const filter = 'frame.number == 2 or frame.number >= 6'
    const id = await imported(t, await exported(t, { format: 'bundle', filter }))
    expect(t.info(id)).toMatchObject({ name: 'Rack 3', note: 'third attempt' })
    expect(t.info(id)).toMatchObject({ filter, remark: expect.stringContaining(filter) })
    // Rows are numbered anew behind what was left out.
    const [marked] = await t.rows('marked', id)
    expect(await t.rows('marked', id)).toHaveLength(1)
    expect(marked).toMatchObject({ kind: 'malformed', verdict: 'none' })
  })

  test('a bundle brings its devices and listeners along, until the capture is deleted', async () => {
    const usp = { manufacturer: 'Vendor', modelName: 'M1' }
    const devices = [{ endpointId: 'os::1', usp, secret: 'no' }]
    const t = await testCaptures({ devices })
    await scene(t)
    const id = await imported(t, await exported(t, { format: 'bundle', filter: 'mqtt' }))
    const evidence = {
      devices: [{ endpointId: 'os::1', ...usp }],
      moreDevices: 0,
      listeners: [{ label: 'TCP 1883', host: '*', state: 'listening' }],
    }
    const { handlers } = t.captures
    expect(t.info(id).evidence).toBe(true)
    expect(await handlers['captures.evidence']({ id })).toEqual(evidence)
    await handlers['captures.close']({ id })
    expect(await handlers['captures.evidence']({ id })).toEqual(evidence)
    expect(await handlers['captures.evidence']({ id: t.liveId })).toMatchObject({
      devices: [],
      listeners: [],
    })
  })

  test('filtered, a file still knows who is who and what aliases stand for', async () => {
    const t = await testCaptures()
    await scene(t)
    const path = await exported(t, { filter: 'mqtt.topic contains "agent" and frame.number == 4' })
    const id = await imported(t, path)
    expect(await t.rows('', id)).toMatchObject([{ no: 4, device: 'os::1', topic: 'usp/agent/1' }])
    const chosen = await exported(t, { rows: [7, 2, 2, 99], format: 'jsonl' })
    expect(lines(chosen).map(({ number }) => number)).toEqual([2, 7])
  })

  test('secrets are starred in place, unless they are asked for', async () => {
    const t = await testCaptures()
    const password = new TextEncoder().encode('tr0ub4dor')
    const data = new TextEncoder().encode('nonce-and-proof')
    const auth = [
      { name: 'authenticationMethod', value: 'SCRAM' },
      { name: 'authenticationData', value: data },
    ] as const
    const { live } = t.captures
    live.opened(1, peer())
    const hello = connect({ username: 'u', password, properties: auth })
    live.frame(1, 'in', hello, false)
    live.frame(1, 'out', bytesOf({ type: 'AUTH', reasonCode: 0x18, properties: auth }), false)
    live.frame(1, 'in', hello.subarray(0, hello.length - 2), true)
    live.frame(1, 'in', publish('tr0ub4dor'), false)
    await live.flush()
    for (const format of ['pcapng', 'jsonl', 'csv'] as const) {
      const columns = ['frame.number', 'mqtt.passwd', 'mqtt.prop.authentication_data']
      const text = readFileSync(
        await exported(t, { format, columns, filter: 'not mqtt.msgtype == PUBLISH' }),
        'latin1',
      )
      expect(text).not.toMatch(/tr0ub4dor|tr0ub4d|nonce-and/)
      expect(text).not.toContain(Buffer.from(password).toString('base64'))
    }
    const id = await imported(t, await exported(t, {}))
    const detail = await t.captures.handlers['packets.get']({ capture: id, no: 1 })
    expect(detail.bytes).toHaveLength(hello.length)
    expect(new TextDecoder().decode(detail.bytes)).toContain('*'.repeat(password.length))
    expect(detail.connection.username).toBe('u')
    expect(readFileSync(await exported(t, { secrets: true }), 'latin1')).toContain('tr0ub4dor')
  })
})

describe('text formats', () => {
  test('JSON Lines tell packet, properties in order, USP and remarks', async () => {
    const t = await testCaptures()
    await scene(t)
    // With secrets: what is malformed may hold one anywhere.
    const rows = lines(await exported(t, { format: 'jsonl', secrets: true }))
    expect(
      rows.map(({ number, type, direction }) => `${String(number)} ${String(direction)} ${String(type)}`),
    ).toEqual((await t.rows()).map(({ no, type, direction }) => `${no} ${direction} ${type}`))
    expect(rows[2]).toMatchObject({
      device: 'os::1',
      topic: 'usp/agent/1',
      packet: { qos: 0, properties: [{ name: 'topicAlias', value: 3 }] },
      usp: { record: { fromId: expect.any(String) }, msg: { header: { msgId: 'm-1', msgType: 'NOTIFY' } } },
    })
    expect(rows[3]).toMatchObject({ packet: { payload: { text: '{"a":1}' } } })
    expect(rows[5]?.['notes']).toEqual([
      { kind: 'refused', rule: 'limits', text: 'too many', reasonCode: 0x97 },
    ])
    expect(rows[6]).toMatchObject({ kind: 'malformed', bytes: 'ffff01' })
    expect(rows[7]).toMatchObject({
      kind: 'close',
      type: 'TCP CLOSE',
      info: expect.stringContaining('Malformed Packet'),
    })
  })

  test('CSV has the columns asked for, quoted as RFC 4180 says', async () => {
    const t = await testCaptures()
    t.captures.live.opened(1, peer())
    t.captures.live.frame(1, 'in', connect({ clientId: 'a "quoted", id' }), false)
    await t.captures.live.flush()
    const columns = ['frame.number', 'mqtt.clientid', 'mqtt.kalive', 'device']
    const text = readFileSync(await exported(t, { format: 'csv', columns }), 'utf8')
    expect(text).toBe(
      'frame.number,mqtt.clientid,mqtt.kalive,device\r\n1,"a ""quoted"", id",60 s,"a ""quoted"", id"\r\n',
    )
    const { job } = await t.captures.handlers['captures.export']({
      capture: 'live',
      format: 'csv',
      filter: '',
      secrets: false,
      columns: ['no.such'],
    })
    expect(await t.done(job)).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('“no.such” is no field'),
    })
    expect(readdirSync(join(t.workspace, 'exports')).some((name) => name.endsWith('.part'))).toBe(false)
  })
})

/** Stops a job that has begun and is not at its end. */
async function stopInTheMiddle(
  { captures: { jobs, handlers }, done }: TestCaptures,
  job: string,
): Promise<void> {
  const progress = () => jobs.list.find(({ id }) => id === job)?.progress
  await expect.poll(progress, { interval: 2, timeout: 10_000 }).toBeGreaterThan(0)
  await handlers['jobs.cancel']({ id: job })
  expect(await done(job)).toMatchObject({ state: 'cancelled' })
}

describe('long work', () => {
  test('tells how far it is and can be stopped, and leaves nothing', async () => {
    const t = await testCaptures()
    const { live, handlers, jobs } = t.captures
    live.opened(1, peer())
    for (let i = 0; i < 40_000; i++) live.frame(1, 'in', publish('a/b', { payload: 'x' }), false)
    await live.flush()
    const { job } = await handlers['captures.export']({
      capture: 'live',
      format: 'jsonl',
      filter: '',
      secrets: false,
    })
    await expect(async () => handlers['jobs.dismiss']({ id: job })).rejects.toThrow('still running')
    await stopInTheMiddle(t, job)
    expect(readdirSync(join(t.workspace, 'exports'))).toEqual([])
    // The capture was served meanwhile, and is.
    expect(await t.rows('frame.number == 1')).toHaveLength(1)
    await handlers['jobs.dismiss']({ id: job })
    expect(jobs.list).toEqual([])
  })

  test('import and open can be stopped as well: no capture, or the capture as it was', async () => {
    const t = await testCaptures()
    const { live, handlers } = t.captures
    live.opened(1, peer())
    for (let i = 0; i < 60_000; i++) live.frame(1, 'in', publish('a/b', { payload: 'x' }), false)
    await live.flush()
    const path = await exported(t, {})
    const id = t.liveId
    await handlers['captures.start']({})
    const captures = t.captures.list.length
    await stopInTheMiddle(t, (await handlers['captures.import']({ path })).job)
    expect(t.captures.list).toHaveLength(captures)
    expect(readdirSync(join(t.workspace, 'captures'))).toHaveLength(captures)
    await stopInTheMiddle(t, (await handlers['captures.open']({ id })).job)
    expect(t.info(id)).toMatchObject({ state: 'stored', rows: 60_000 })
    // And then it opens.
    expect(await t.done((await handlers['captures.open']({ id })).job)).toMatchObject({ state: 'done' })
    expect(await t.rows('frame.number == 60000', id)).toHaveLength(1)
  })

  test('a file without MQTT is refused and leaves no capture', async () => {
    const t = await testCaptures()
    const { job } = await t.captures.handlers['captures.import']({ path: import.meta.filename })
    expect(await t.done(job)).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('holds no MQTT packet'),
    })
    expect(t.captures.list).toHaveLength(1)
    const { job: missing } = await t.captures.handlers['captures.import']({ path: '/no/such/file' })
    expect(await t.done(missing)).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('ENOENT'),
    })
  })
})

describeWith(['tshark'], 'Wireshark', () => {
  const reasonCodes = [
    'mqtt.conack.val',
    ...['connack', 'puback', 'suback', 'unsuback', 'disconnect'].map((type) => `mqtt.${type}.reason_code`),
  ]

  test.each(['obuspa-tour.pcapng', 'obuspa-refusals.pcap'])(
    'reads the segments of %s as the bench does: types, topics, packet IDs, reason codes, client IDs',
    async (name) => {
      const t = await testCaptures()
      const id = await imported(t, fixture(name))
      const rows = (await t.rows('kind == packet', id)).filter(({ type }) => type !== 'MALFORMED')
      expect(rows.length).toBeGreaterThan(50)
      const folder = join(t.workspace, 'captures', id)
      const file = join(folder, '00001.pcapng')
      // Rows alone: the packets that teach a reader have no packet ID.
      const seen = tsharkFields(
        file,
        'mqtt and frame.packet_id',
        'frame.packet_id',
        'mqtt.msgtype',
        'mqtt.topic',
        'mqtt.msgid',
        'mqtt.clientid',
        ...reasonCodes,
      )
      expect(seen.map(([no]) => Number(no))).toEqual(rows.map(({ no }) => no))
      const json = lines(await exported(t, { capture: id, format: 'jsonl', filter: 'kind == packet' }))
      for (const [i, [, type, topic, msgid, clientId, ...codes]] of seen.entries()) {
        const packet = json[i]?.['packet'] as Record<string, unknown>
        expect(PACKET_TYPES[Number(type)]).toBe(json[i]?.['type'])
        if (packet['topic'] !== undefined) expect(packet['topic']).toBe(topic)
        expect(String(packet['packetId'] ?? '')).toBe(msgid)
        if (clientId) expect(packet['clientId']).toBe(clientId)
        const told = codes.filter(Boolean).flatMap((list) => list.split(',').map(Number))
        if (told.length > 0) expect([packet['reasonCodes'] ?? packet['reasonCode']].flat()).toEqual(told)
      }
      expect(
        tsharkFields(file, '_ws.expert.severity >= 6291456', 'frame.number', '_ws.expert.message'),
      ).toEqual([])
    },
  )

  test('finds nothing to remark in segments of a live capture, each of which can be read alone', async () => {
    const t = await testCaptures({ segmentMiB: 1, budgetMiB: 64 })
    await scene(t)
    for (let i = 0; i < 300; i++) {
      t.captures.live.frame(
        1,
        'in',
        publish(`a/${i}`, { payload: new Uint8Array(10_000), qos: 1, packetId: i + 1 }),
        false,
      )
    }
    await t.captures.live.flush()
    const folder = join(t.workspace, 'captures', t.liveId)
    const files = readdirSync(folder)
      .filter((name) => name.endsWith('.pcapng'))
      .sort()
    expect(files.length).toBeGreaterThan(2)
    let total = 0
    for (const [i, name] of files.entries()) {
      const file = join(folder, name)
      expect(execFileSync(requireTool('capinfos'), ['-c', file], { encoding: 'utf8' })).toMatch(
        /Number of packets/,
      )
      total += tsharkFields(file, 'mqtt and frame.packet_id', 'frame.number').length
      // The malformed packet of the scene stands in the first one, on purpose; a connection that goes on is no fault.
      const bad = tsharkFields(file, '_ws.expert.severity >= 6291456', '_ws.expert.message')
      expect(bad.length).toBeLessThanOrEqual(i === 0 ? 2 : 0)
    }
    const rows = await t.rows('kind == packet')
    expect(total).toBeGreaterThanOrEqual(rows.length)
    expect(total).toBeLessThanOrEqual(rows.length + 1)
  })

  test.each([
    ['whole', { format: 'pcapng', filter: 'not kind == malformed' }],
    ['filtered', { format: 'pcapng', filter: 'mqtt.msgtype == PUBLISH' }],
    ['in a bundle', { format: 'bundle', filter: 'not kind == malformed' }],
  ] as const)('has nothing against an exported file, %s', async (_, wishes) => {
    const t = await testCaptures()
    await scene(t)
    let file = await exported(t, wishes)
    if (wishes.format === 'bundle') {
      const packets: Uint8Array[] = []
      for await (const piece of await openEntry(file, BUNDLE_CAPTURE)) packets.push(piece)
      file = join(t.workspace, BUNDLE_CAPTURE)
      writeFileSync(file, Buffer.concat(packets))
    }
    expect(complaints(file)).toEqual([])
    const rows = await t.rows(`(${wishes.filter}) and kind == packet`)
    const seen = tsharkFields(file, 'mqtt and frame.packet_id', 'frame.packet_id')
    expect(seen.map(([no]) => Number(no))).toEqual(rows.map(({ no }) => no))
    expect(rows.length).toBeGreaterThan(1)
  })
})

/** Another program's word on the file. */
describeWith(['python3'], 'an evidence bundle', () => {
  test('a bundle holds packets, devices, listeners, the note and a manifest', async () => {
    const t = await testCaptures({
      devices: [{ endpointId: 'os::1' }, { endpointId: 'os::of-another-vendor' }],
    })
    await scene(t)
    await t.captures.handlers['captures.update']({ id: t.liveId, note: 'seen on the bench' })
    const path = await exported(t, { format: 'bundle', filter: 'mqtt' })
    const script =
      'import sys,zipfile,json;z=zipfile.ZipFile(sys.argv[1]);assert z.testzip() is None;' +
      'print(json.dumps({n:z.read(n).decode("latin1") for n in z.namelist()}))'
    const files = JSON.parse(
      execFileSync(requireTool('python3'), ['-c', script, path], { encoding: 'utf8' }),
    ) as Record<string, string>
    expect(Object.keys(files).sort()).toEqual([
      'capture.json',
      'capture.pcapng',
      'devices.json',
      'listeners.json',
      'manifest.json',
      'packets.jsonl',
    ])
    expect(JSON.parse(files['manifest.json'] ?? '')).toMatchObject({
      version: 1,
      filter: 'mqtt',
      redacted: true,
    })
    expect(files['capture.json']).toContain('seen on the bench')
    expect(JSON.parse(files['devices.json'] ?? '')).toEqual([{ endpointId: 'os::1' }])
    expect((files['packets.jsonl'] ?? '').trimEnd().split('\n').length).toBe(
      JSON.parse(files['manifest.json'] ?? '').rows,
    )
  })
})
