/** Files that flows keep with their results. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MAX_ATTACHMENT } from '../../../shared/flow/attachments.ts'
import { FlowResults } from '../../../electron/engine/flows/results.ts'
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import { eventually, flowBench } from './bench.ts'

const device = 'os::02005E-ATTACH'
const bench = flowBench()

const handlers = () => bench.engine.handlers
const results = () => join(bench.folder, 'flows', 'results')
const state = (run: string) => bench.engine.current('flowRuns').runs.find(({ id }) => id === run)

async function start(steps: string, more: object = {}, head = ''): Promise<string> {
  const text = `flow: 1\nname: test\n${head}steps:\n${steps.replaceAll(/^/gm, '  ')}`
  return (await handlers()['flows.run']({ source: { text }, device, ...more })).run
}
async function ended(run: string) {
  await eventually(() => state(run)?.status).not.toBe('running')
  return await handlers()['flows.result']({ id: run })
}
const bytesOf = async (id: string, file: string): Promise<Buffer> =>
  Buffer.from((await handlers()['flows.attachment']({ id, file })).bytes)

test('texts, values, packets and the facts of the device are kept, listed and handed out', async () => {
  await bench.simulate({ endpointId: device })
  const run = await start(
    [
      '- send: { get: Device.DeviceInfo.Manufacturer }\n  id: maker',
      '- attach: "notes of ${device}.txt"\n  content: "Made by ${steps.maker.answer.params[\\"Device.DeviceInfo.Manufacturer\\"]}"',
      '- attach: answer.json\n  content: { json: "${steps.maker.answer}" }',
      '- attach: answer.bin\n  packets: steps.maker.packet',
      '- attach: device.json\n  facts: ${device}',
    ].join('\n'),
  )
  const result = await ended(run)
  expect([result.status, result.steps.map(({ note }) => note)]).toEqual(['passed', Array(5).fill(undefined)])
  const [, notes, answer, packet, facts] = result.steps.map(({ attachments }) => attachments?.[0])
  expect(notes).toEqual({
    name: 'notes of os-02005E-ATTACH.txt',
    file: '1-notes of os-02005E-ATTACH.txt',
    type: 'text/plain',
    bytes: 17,
  })
  expect(String(await bytesOf(run, notes?.file ?? ''))).toBe('Made by Oktobench')
  expect(JSON.parse(String(await bytesOf(run, answer?.file ?? '')))).toHaveProperty('get_resp')
  const frame = await bytesOf(run, packet?.file ?? '')
  expect(decodePacket(frame, 5)).toMatchObject({
    type: 'PUBLISH',
    topic: expect.stringContaining(device) as string,
  })
  expect(JSON.parse(String(await bytesOf(run, facts?.file ?? '')))).toMatchObject({ endpointId: device })
  const { file } = await handlers()['flows.exportAttachment']({ id: run, file: packet?.file ?? '' })
  expect(await readFile(join(bench.folder, file))).toEqual(frame)

  const ids = [run]
  const html = await handlers()['flows.report']({ ids, format: 'html' })
  expect(html.text).toContain('<pre>Made by Oktobench</pre>')
  const junit = await handlers()['flows.report']({ ids, format: 'junit' })
  expect(junit.text).toContain(
    `<system-out>[[ATTACHMENT|${join(results(), `${run}.files`, '3-answer.bin')}]]</system-out>`,
  )
  // With the result they are counted, and go.
  const [info] = bench.engine.current('flowRuns').results
  expect(info?.bytes).toBeGreaterThan(JSON.stringify(result).length + frame.length)
  await handlers()['flows.deleteResult']({ id: run })
  expect(await readdir(results())).toEqual([])
  await expect(bytesOf(run, '1-a.txt')).rejects.toMatchObject({ code: 'not-found' })
})

test('a file that is asked for is given with the answer; one that is too large leaves the question', async () => {
  const run = await start('- ask: Take a photo of the label\n  file: label\n- ask: Go on?')
  await eventually(() => state(run)?.questions).toMatchObject([{ file: 'label' }])
  const token = state(run)?.questions[0]?.token ?? 0
  const large = { name: 'a.png', bytes: new Uint8Array(MAX_ATTACHMENT + 1) }
  const answer = (file?: { name: string; bytes: Uint8Array<ArrayBuffer> }) =>
    handlers()['flows.answer']({
      run,
      token: state(run)?.questions[0]?.token ?? token,
      choice: 'Done',
      ...(file && { file }),
    })
  await expect(answer(large)).rejects.toMatchObject({
    code: 'invalid-request',
    message: expect.stringContaining('8 MiB'),
  })
  await answer({ name: '../IMG 1.PNG', bytes: Uint8Array.of(1, 2, 3) })
  await eventually(() => state(run)?.step).toBe('steps.1')
  await expect(answer(large)).rejects.toMatchObject({ message: 'This question takes no file.' })
  await answer()
  const result = await ended(run)
  expect(result.steps[0]?.attachments).toEqual([
    { name: 'label.png', file: '1-label.png', type: 'image/png', bytes: 3 },
  ])
  const { text } = await handlers()['flows.report']({ ids: [run], format: 'html' })
  expect(text).toContain('src="data:image/png;base64,AQID"')
})

test('what is too much or secret is not kept, and that is said', async () => {
  const run = await start(
    [
      '- attach: secret.txt\n  content: "It is ${secret.word}"',
      '- attach: secret.bin\n  content: { hex: 6f70656e20736573616d65 }',
      '- repeat: 101\n  steps: [{ attach: a.txt, content: x }]',
    ].join('\n'),
    { secrets: { word: 'open sesame' } },
    'secrets: [word]\n',
  )
  const { status, steps } = await ended(run)
  expect(status).toBe('passed')
  expect(String(await bytesOf(run, '1-secret.txt'))).toBe('It is ••••••')
  expect(steps[1]?.note).toContain('holds a secret of the flow')
  expect(await readdir(join(results(), `${run}.files`))).toHaveLength(100)
})

test('packets that may hold a password are not attached, nor facts of nobody', async () => {
  await bench.simulate({ endpointId: device })
  const connect = (await bench.rows('mqtt.msgtype == CONNECT')).at(-1)?.no ?? 0
  const run = await start(
    `- attach: a.bin\n  packets: ${connect}\n  on_failure: continue\n- attach: b.json\n  facts: nobody`,
  )
  const { steps } = await ended(run)
  expect(steps.map(({ status, note }) => [status, note])).toEqual([
    ['error', expect.stringContaining('may hold a password')],
    ['error', 'no device nobody is known'],
  ])
})

test('folders that no result has are removed when the bench starts', async () => {
  const folder = join(bench.folder, 'others')
  await mkdir(join(folder, '20260101T000000-aaaaaa.files'), { recursive: true })
  await writeFile(join(folder, '20260101T000000-aaaaaa.files', '1-a.txt'), 'x')
  await writeFile(join(folder, 'notes.md'), 'kept')
  await new FlowResults(folder).open()
  expect(await readdir(folder)).toEqual(['notes.md'])
})
