import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Capture, type CaptureOptions, startCapture } from '../../../electron/engine/capture/client.ts'
import type { PacketRow } from '../../../shared/contract/model.ts'
import type { ViewSource } from '../../../shared/contract/contract.ts'
import { captureWorkerUrl } from '../../support/worker.ts'
import { alias, bootRecord, connect, endpointId, peer, publish } from './packets.ts'

const MIB = 1024 * 1024
const open: Capture[] = []
const folders: string[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((capture) => capture.stop()))
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

async function start(options: Partial<CaptureOptions> = {}): Promise<Capture> {
  const workerUrl = options.workerUrl ?? (await captureWorkerUrl())
  const root = mkdtempSync(join(tmpdir(), 'oktobench-capture-'))
  folders.push(root)
  let folder = 0
  const nextFolder = async () => {
    const path = join(root, String(++folder))
    mkdirSync(path)
    return path
  }
  const capture = await startCapture({
    budgetBytes: 64 * MIB,
    segmentBytes: 8 * MIB,
    folder: await nextFolder(),
    nextFolder,
    ...options,
    workerUrl,
  })
  open.push(capture)
  return capture
}

/** A worker that runs this code instead of the real one, once a message comes. */
const oddWorker = (onMessage: string) =>
  new URL(
    `data:text/javascript,${encodeURIComponent(
      `import { parentPort } from 'node:worker_threads'
       parentPort.on('message', (message) => { ${onMessage} })
       parentPort.postMessage({ kind: 'ready' })`,
    )}`,
  )

/** Reads until the search is done. */
async function readAll(view: ViewSource<PacketRow>, count = 100) {
  for (;;) {
    const update = await view.read({ from: 0, count, tail: false })
    if (update.progress === undefined) return update
  }
}

describe('capture', () => {
  test('records what it is told, in order, with UTC times', async () => {
    const capture = await start()
    const before = Date.now()
    capture.opened(1, peer())
    const bytes = publish('a/b', { payload: bootRecord('m') })
    const numbers = [
      capture.frame(1, 'in', connect({ properties: endpointId('os::1') }), false),
      capture.frame(1, 'out', bytes, false),
      capture.frame(1, 'in', new Uint8Array([0xff, 0xff]), true),
    ]
    capture.note(2, { kind: 'changed', rule: 'alias', text: 'topic alias put in' })
    capture.note(0, { kind: 'refused', rule: 'none', text: 'not recorded' })
    capture.closed(1, { by: 'bench', reason: 'Malformed Packet', probe: false })
    await capture.flush()
    expect(numbers).toEqual([1, 2, 3])
    const view = capture.openView('', () => undefined)
    const { rows, total, all } = await readAll(view)
    expect([total, all]).toEqual([4, 4])
    expect(rows.map(({ no, type, device, verdict }) => [no, type, device, verdict])).toEqual([
      [1, 'CONNECT', 'os::1', 'none'],
      [2, 'PUBLISH', 'os::1', 'changed'],
      [3, 'MALFORMED', 'os::1', 'none'],
      [4, 'TCP CLOSE', 'os::1', 'none'],
    ])
    const times = rows.map(({ sec, nsec }) => sec * 1000 + nsec / 1e6)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    // The wall clock is read in whole milliseconds.
    expect(times[0]).toBeGreaterThan(before - 2)
    expect(times[3]).toBeLessThan(Date.now() + 2)
    const detail = await capture.ask('get', { no: 2 })
    expect([...(detail?.bytes ?? [])]).toEqual([...bytes])
    expect(detail?.notes).toEqual([{ kind: 'changed', rule: 'alias', text: 'topic alias put in' }])
    expect(await capture.ask('get', { no: 5 })).toBeUndefined()
  })

  test('takes packets of any size', async () => {
    const capture = await start()
    capture.opened(1, peer())
    const sizes = [0, 1, 100_000, 300_000, 5_000_000]
    for (const size of sizes)
      capture.frame(1, 'in', publish('t', { payload: new Uint8Array(size).fill(7) }), false)
    await capture.flush()
    for (const [i, size] of sizes.entries()) {
      const detail = await capture.ask('get', { no: i + 1 })
      expect(detail?.bytes.subarray(-size || Infinity).every((byte) => byte === 7)).toBe(true)
      expect(detail?.row.length).toBe(detail?.bytes.length)
    }
  })

  test('sends what was told after a short time by itself, and tells views and state', async () => {
    const state = vi.fn()
    const capture = await start({ onState: state })
    const changed = vi.fn()
    const view = capture.openView('wanted', changed)
    capture.opened(1, peer())
    capture.frame(1, 'in', publish('wanted/1'), false)
    capture.frame(1, 'in', publish('other'), false)
    await vi.waitFor(() => expect(changed).toHaveBeenCalled())
    const update = await readAll(view)
    expect(update).toMatchObject({ total: 1, all: 2, rows: [{ no: 1 }] })
    expect(await view.locate(1)).toBe(0)
    expect(await view.locate(2)).toBe(-1)
    await vi.waitFor(() => expect(capture.state().rows).toBe(2))
    await vi.waitFor(() => expect(state).toHaveBeenLastCalledWith(capture.state()))
  })

  test('answers while it searches a long list', async () => {
    const capture = await start()
    capture.opened(1, peer())
    for (let i = 0; i < 200_000; i++) capture.frame(1, 'in', new Uint8Array([0xc0, 0]), false)
    await capture.flush()
    const view = capture.openView('pingreq', () => undefined)
    const first = await view.read({ from: 0, count: 10, tail: true })
    expect(first.progress).toBeLessThan(1)
    expect(await readAll(view, 1)).toMatchObject({ total: 200_000, all: 200_000 })
  })

  test('refuses a window larger than any screen and a filter that is none', async () => {
    const capture = await start()
    const view = capture.openView('', () => undefined)
    await expect(view.read({ from: 0, count: 1001, tail: false })).rejects.toThrow('1000 rows at most')
    const words = Array.from({ length: 40 }, (_, i) => `w${i}`).join(' ')
    expect(() => capture.openView(words, () => undefined)).toThrow('30 different words at most')
  })

  test('pauses without forgetting who is who', async () => {
    const capture = await start()
    capture.record(false)
    expect(capture.state().recording).toBe(false)
    capture.opened(1, peer())
    expect(capture.frame(1, 'in', connect({ clientId: 'quiet' }), false)).toBe(0)
    expect(capture.frame(1, 'in', publish('a/b', { properties: alias(2), payload: 'x' }), false)).toBe(0)
    capture.opened(2, peer())
    capture.closed(2, { by: 'network', reason: '', probe: true })
    capture.record(true)
    expect(capture.frame(1, 'in', publish('', { properties: alias(2) }), false)).toBe(1)
    expect(await capture.ask('get', { no: 1 })).toMatchObject({ row: { device: 'quiet', topic: 'a/b' } })
    expect(capture.state()).toMatchObject({ recording: true, lostFrames: 0 })
  })

  test('clears, and goes on counting', async () => {
    const capture = await start()
    capture.opened(1, peer())
    capture.frame(1, 'in', publish('a'), false)
    const { since } = capture.state()
    await vi.waitFor(() => expect(new Date().toISOString() > since).toBe(true))
    await capture.clear()
    expect(capture.state()).toMatchObject({ rows: 0, droppedRows: 0 })
    expect(capture.state().since > since).toBe(true)
    expect(await capture.ask('get', { no: 1 })).toBeUndefined()
    expect(capture.frame(1, 'in', publish('b'), false)).toBe(2)
  })

  test('stays within its budget and says how much went', async () => {
    const budgetBytes = 4 * 1024 * 1024
    const capture = await start({ budgetBytes })
    capture.opened(1, peer())
    const bytes = publish('a', { payload: new Uint8Array(1000) })
    for (let i = 0; i < 20_000; i++) capture.frame(1, 'in', bytes, false)
    await capture.flush()
    const { rows, droppedRows, bytes: held } = capture.state()
    expect(rows + droppedRows).toBe(20_000)
    expect(droppedRows).toBeGreaterThan(0)
    expect(held).toBeLessThanOrEqual(budgetBytes)
  })
})

describe('a worker in trouble', () => {
  const limits = { batchBytes: 4096, delayMs: 10, maxBytes: 16_384, reserveBytes: 8192 }

  test('that takes nothing: frames are lost and counted, not piled up', async () => {
    const capture = await start({ workerUrl: oddWorker(''), limits })
    capture.opened(1, peer())
    const bytes = publish('a', { payload: new Uint8Array(1000) })
    const numbers = Array.from({ length: 100 }, () => capture.frame(1, 'in', bytes, false))
    const recorded = numbers.filter((no) => no > 0)
    expect(recorded).toEqual(recorded.map((_, i) => i + 1))
    expect(recorded.length * 1000).toBeLessThan(20_480)
    expect(capture.state().lostFrames).toBe(100 - recorded.length)
  })

  test('that takes nothing and is told of connections without end is given up', async () => {
    const problem = vi.fn()
    const capture = await start({ workerUrl: oddWorker(''), limits, onProblem: problem })
    for (let i = 0; i < 1000 && problem.mock.calls.length === 0; i++) capture.opened(i, peer())
    expect(problem).toHaveBeenCalledWith(expect.stringContaining('does not take anything'))
    expect(capture.state().recording).toBe(false)
  })

  /** Ends itself at its first batch while it writes the first of these folders, else the real one. */
  const mortalWorker = (real: URL, folders: string) =>
    new URL(
      `data:text/javascript,${encodeURIComponent(
        `import { parentPort, workerData } from 'node:worker_threads'
         if (${folders}.test(workerData.folder)) {
           parentPort.on('message', ({ kind }) => { if (kind === 'batch') process.exit(3) })
           parentPort.postMessage({ kind: 'ready' })
         } else await import(${JSON.stringify(real.href)})`,
      )}`,
    )

  test('that dies is replaced: a new capture begins, and it knows who is connected', async () => {
    const problem = vi.fn()
    const workerUrl = mortalWorker(await captureWorkerUrl(), '/[/\\\\]1$/')
    const capture = await start({ workerUrl, onProblem: problem })
    const changed = vi.fn()
    const view = capture.openView('', changed)
    const read = view.read({ from: 0, count: 1, tail: false })
    capture.opened(1, peer())
    const first = capture.frame(
      1,
      'in',
      connect({ clientId: 'cpe-7', password: new Uint8Array(4), username: 'u' }),
      false,
    )
    await expect(read).rejects.toMatchObject({ code: 'unavailable' })
    expect(problem).toHaveBeenCalledWith(expect.stringContaining('The capture worker ended (exit code 3)'))
    expect(capture.state()).toMatchObject({
      recording: false,
      trouble: expect.stringContaining('exit code 3'),
    })
    // A thread takes its time to start on a busy machine.
    await vi.waitFor(() => expect(capture.state().recording).toBe(true), 10_000)
    const no = capture.frame(1, 'in', publish('a'), false)
    expect(no).toBeGreaterThan(first)
    // A remark on a row of the capture before goes nowhere.
    capture.note(first, { kind: 'refused', rule: 'r', text: 'late' })
    await capture.flush()
    const { rows } = await readAll(view)
    expect(rows).toMatchObject([{ no: 1, device: 'u', topic: 'a', verdict: 'none' }])
    expect(changed).toHaveBeenCalled()
  })

  test('that dies is replaced by one that knows the topic aliases of both directions', async () => {
    const problem = vi.fn()
    const workerUrl = mortalWorker(await captureWorkerUrl(), '/[/\\\\]1$/')
    const capture = await start({ workerUrl, onProblem: problem })
    for (const connection of [1, 2]) capture.opened(connection, peer())
    capture.frame(1, 'in', connect({ clientId: 'cpe-7' }), false)
    capture.frame(2, 'in', connect({ clientId: 'old', level: 4 }), false)
    const give = (topic: string, direction: 'in' | 'out', connection = 1) =>
      capture.frame(connection, direction, publish(topic, { properties: alias(1) }), false)
    give('usp/first', 'in')
    give('usp/agent', 'out')
    give('usp/controller', 'in')
    // An alias that is used has no topic, and nothing of MQTT 3.1.1 is one.
    give('', 'in')
    give('usp/none', 'in', 2)
    capture.opened(3, peer())
    capture.frame(3, 'in', connect({ clientId: 'gone' }), false)
    give('usp/gone', 'in', 3)
    capture.closed(3, { by: 'device', reason: '', probe: false })
    await vi.waitFor(() => expect(problem).toHaveBeenCalled(), 10_000)
    // What came while there was no worker counts, too.
    give('usp/agent/2', 'out')
    await vi.waitFor(() => expect(capture.state().recording).toBe(true), 10_000)
    give('', 'in')
    give('', 'out')
    await capture.flush()
    const { rows } = await readAll(capture.openView('', () => undefined))
    expect(rows).toMatchObject([
      { no: 1, device: 'cpe-7', topic: 'usp/controller' },
      { no: 2, device: 'cpe-7', topic: 'usp/agent/2' },
    ])
  })

  test('that dies again and again is given up; the broker is not disturbed', async () => {
    const problem = vi.fn()
    const capture = await start({
      workerUrl: mortalWorker(await captureWorkerUrl(), '/./'),
      onProblem: problem,
    })
    capture.opened(1, peer())
    await vi.waitFor(() => {
      capture.frame(1, 'in', publish('a'), false)
      expect(problem).toHaveBeenCalledTimes(3)
    })
    expect(problem).toHaveBeenLastCalledWith(expect.stringContaining('start the bench anew'))
    expect(capture.frame(1, 'in', publish('a'), false)).toBe(0)
    capture.note(1, { kind: 'none', rule: 'r', text: 't' })
    capture.closed(1, { by: 'device', reason: '', probe: false })
    await expect(capture.ask('get', { no: 1 })).rejects.toMatchObject({ code: 'unavailable' })
    expect(() => capture.record(true)).toThrow('start the bench anew')
  })

  test('that cannot be started is said so', async () => {
    const workerUrl = new URL('file:///no/such/capture-worker.js')
    await expect(start({ workerUrl })).rejects.toThrow(/capture-worker\.js could not be started: .*no\/such/)
  })

  test('stopping answers who is waiting, and may be done twice', async () => {
    const problem = vi.fn()
    const capture = await start({ onProblem: problem })
    const waiting = capture.flush()
    const stopped = capture.stop()
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' })
    await stopped
    await capture.stop()
    expect(capture.frame(1, 'in', publish('a'), false)).toBe(0)
    expect(problem).not.toHaveBeenCalled()
  })
})
