/**
 * `npm run bench -- capture [--packets=N]`: a capture of a million packets, read, searched and written out by
 * `oktobench serve`, beside tshark; and how fast the broker of that bench is meanwhile.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { ExportFormat } from '../../shared/contract/model.ts'
import { tool } from '../support/tools.ts'
import { writeCaptureFile } from './capture-file.ts'
import { startProduct, type Product } from './product.ts'
import { median, printRows, say, type Row } from './report.ts'
import { latencyOf, startStream } from './stream.ts'

const MIB = 2 ** 20
const TOPIC = 'oktopus/usp/v1/controller/os::012345-BENCH'
/** The columns of the packet list, as far as tshark has them; what USP is in a payload it does not say. */
const TSHARK_FIELDS = [
  'frame.number',
  'frame.time_epoch',
  'ip.src',
  'tcp.srcport',
  'ip.dst',
  'mqtt.clientid',
  'mqtt.msgtype',
  'mqtt.hdrflags',
  'mqtt.topic',
  'mqtt.msgid',
  'mqtt.len',
]
/** By the columns of the index; the text is one that few rows hold. */
const INDEXED = [
  'mqtt.msgtype == PUBLISH && direction == in',
  'mqtt.topic contains "0000042"',
  'usp.msg_id contains "02a"',
  'frame.len > 1000 && mqtt.qos == 1',
]
/** Each PUBLISH has to be looked into. */
const DECODED = ['usp.path contains "NoSuchThing"', 'mqtt.prop.response_topic contains "0000042"']
const formats: readonly ExportFormat[] = ['pcapng', 'jsonl', 'csv']
/** Time for memory to be given back before it is looked at. */
const SETTLE_MS = 3000
/** Times that tshark and the bench read the file. */
const READ_ROUNDS = 3
/** How long the undisturbed broker is watched. */
const QUIET_MS = 10_000

export async function captureBench(options: ReadonlyMap<string, number>): Promise<void> {
  const packets = options.get('packets') ?? 1_000_000
  const folder = mkdtempSync(join(tmpdir(), 'oktobench-capture-'))
  try {
    const file = join(folder, 'day.pcapng')
    say(`writing ${packets.toLocaleString('en')} packets`)
    writeCaptureFile(file, packets)
    const product = await startProduct()
    try {
      const title = `Capture of ${packets.toLocaleString('en')} packets`
      printRows(title, await captureRows(product, file, packets))
      printRows(
        'Broker at 1,000 messages a second while its bench imports, searches and exports',
        await latencyRows(product, file),
      )
    } finally {
      await product.stop()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function captureRows(product: Product, file: string, packets: number): Promise<Row[]> {
  const { firsts, nexts, others } = await readInTurns(file)
  const idle = await product.memory()
  say('import')
  const first = await importFile(product, file)
  await wait(SETTLE_MS)
  const memory = ((await product.memory()) - idle) / MIB
  say('opening it again')
  const reopened = [await reopen(product, first.capture), await reopen(product, first.capture)]
  say('filters')
  const indexed = await worstFilter(product, first.capture, INDEXED, 3)
  const decoded = await worstFilter(product, first.capture, DECODED, 1)
  const rates = new Map<ExportFormat, number>()
  for (const format of formats) {
    say(`export as ${format}`)
    rates.set(format, packets / (await exportSeconds(product, first.capture, format)))
  }
  return [
    ...readRows('file → filterable list, first import', firsts, others),
    ...readRows('the next import', nexts, others),
    ...readRows('stored capture → filterable list', reopened, others),
    {
      name: `filter by columns, slowest of ${INDEXED.length}`,
      unit: 'ms',
      value: indexed,
      target: { atMost: 300 },
    },
    { name: `filter into packets, slowest of ${DECODED.length}`, unit: 'ms', value: decoded },
    { name: 'memory above idle', unit: 'MiB', value: memory, target: { atMost: 300 } },
    ...[...rates].map(([format, value]) => ({ name: `export, ${format}`, unit: 'packets/s', value })),
  ]
}

/** Medians beside those of tshark, where that is installed; the target is one of time by the clock. */
function readRows(name: string, own: readonly Cost[], others: readonly (Cost | undefined)[]): Row[] {
  const tshark = others.filter((cost) => cost !== undefined)
  return (['seconds', 'processor'] as const).map((part) => {
    const value = median(own.map((cost) => cost[part]))
    const row = { name: part === 'seconds' ? name : 'the same, by processor time', unit: 's', value }
    if (tshark.length === 0) return row
    const theirs = median(tshark.map((cost) => cost[part]))
    const beside = { name: 'tshark', value: theirs, ratio: theirs / value }
    return part === 'seconds'
      ? { ...row, beside, target: { atLeast: 10 }, targetOfRatio: true }
      : { ...row, beside }
  })
}

/** How long it took, and what it took: beside other work on the machine only the latter says much. */
interface Cost {
  readonly seconds: number
  /** Seconds. */
  readonly processor: number
}

/** Undefined where it is not installed. */
async function tsharkCost(file: string): Promise<Cost | undefined> {
  const program = tool('tshark')
  if (program === undefined) return undefined
  say('tshark')
  const fields = TSHARK_FIELDS.flatMap((name) => ['-e', name])
  const start = performance.now()
  // The shell tells what those that it started took.
  const child = spawn(
    'sh',
    ['-c', '"$@" > /dev/null && times', 'sh', program, '-n', '-r', file, '-T', 'fields', ...fields],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  )
  let said = ''
  child.stdout.on('data', (data: Buffer) => (said += data.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`tshark ended with ${code}`)
  const seconds = (performance.now() - start) / 1000
  const times = [...(said.split('\n')[1] ?? '').matchAll(/(\d+)m([\d.]+)s/g)]
  return { seconds, processor: times.reduce((sum, [, min, sec]) => sum + Number(min) * 60 + Number(sec), 0) }
}

async function costOf(product: Product, work: () => Promise<unknown>): Promise<Cost> {
  const before = await product.processorTime()
  const start = performance.now()
  await work()
  const seconds = (performance.now() - start) / 1000
  return { seconds, processor: (await product.processorTime()) - before }
}

async function importFile(product: Product, path: string): Promise<{ capture: string; cost: Cost }> {
  let capture = ''
  const cost = await costOf(product, async () => {
    const { job } = await product.call('captures.import', { path })
    capture = (await product.done(job)).capture ?? ''
  })
  return { capture, cost }
}

/**
 * In turns, as a machine is not as fast at one time as at another: tshark, the first import of a bench that was just
 * started, and its next one, which finds the threads of the one before.
 */
async function readInTurns(file: string) {
  const others: (Cost | undefined)[] = []
  const firsts: Cost[] = []
  const nexts: Cost[] = []
  while (firsts.length < READ_ROUNDS) {
    others.push(await tsharkCost(file))
    const fresh = await startProduct()
    try {
      for (const costs of [firsts, nexts]) {
        say('import')
        const { capture, cost } = await importFile(fresh, file)
        costs.push(cost)
        await fresh.call('captures.close', { id: capture })
        // What it wrote is still on its way to the disk.
        await wait(SETTLE_MS)
      }
    } finally {
      await fresh.stop()
    }
  }
  return { firsts, nexts, others }
}

async function reopen(product: Product, id: string): Promise<Cost> {
  await product.call('captures.close', { id })
  return costOf(product, async () => product.done((await product.call('captures.open', { id })).job))
}

/** Milliseconds until the first page of rows stands and nothing more is searched. */
function filterMs({ host }: Product, capture: string, filter: string): Promise<number> {
  const start = performance.now()
  return new Promise((resolve, reject) => {
    const view = host.open('packets', { capture, filter }, { from: 0, count: 60, tail: false }, (update) => {
      if (!update.ok) reject(new Error(`${filter}: ${update.error.message}`))
      else if (update.value.progress === undefined) resolve(performance.now() - start)
      else return
      queueMicrotask(() => view.close())
    })
  })
}

async function worstFilter(
  product: Product,
  capture: string,
  filters: readonly string[],
  rounds: number,
): Promise<number> {
  const found: number[] = []
  for (const filter of filters) {
    const times: number[] = []
    for (let round = 0; round < rounds; round++) times.push(await filterMs(product, capture, filter))
    found.push(median(times))
  }
  return Math.max(...found)
}

async function exportSeconds(product: Product, capture: string, format: ExportFormat): Promise<number> {
  const { seconds } = await costOf(product, async () => {
    const asked = { capture, format, filter: '', secrets: false, name: 'bench' }
    await product.done((await product.call('captures.export', asked)).job)
  })
  return seconds
}

/** Latency of the broker alone, and while its bench imports, searches and exports. */
async function latencyRows(product: Product, file: string): Promise<Row[]> {
  say('broker alone')
  const quiet = await startStream(product.port, TOPIC)
  await wait(QUIET_MS)
  const before = latencyOf(await quiet.stop())
  say('broker while its bench imports, searches and exports')
  const busy = await startStream(product.port, TOPIC)
  const { capture } = await importFile(product, file)
  for (const filter of [...INDEXED, ...DECODED.slice(1)]) await filterMs(product, capture, filter)
  await exportSeconds(product, capture, 'csv')
  const during = latencyOf(await busy.stop())
  return (['p50', 'p99', 'max'] as const).map((part) => ({
    name: `latency, ${part}`,
    unit: 'ms',
    value: during[part],
    beside: { name: 'alone', value: before[part], ratio: during[part] / before[part] },
  }))
}
