/**
 * `npm run bench -- ui [--seconds=N] [--rate=N]`: the Packets view in Chromium while packets arrive at `rate` a
 * second, N seconds in all: following the end, with a filter, and scrolled through.
 */
import type { CDPSession, Page } from 'playwright-core'
import { openPage, startBrowser } from '../support/browser.ts'
import { tool } from '../support/tools.ts'
import { publish, subscriber, member } from './load.ts'
import { startProduct } from './product.ts'
import { percentile, printRows, say, type Row } from './report.ts'
import { endpointId, uspTemplates, varied } from './usp-traffic.ts'

const MIB = 2 ** 20
const FRAME_MS = 50
const PUBLISHERS = 10
/** Different messages, sent again and again. */
const MESSAGES = 2000
/** How often bursts leave: twenty packets at most come at once. */
const BURST_MS = 1
const SETTLE_MS = 2000
const WHEEL_MS = 30
const WHEEL_PX = 400

export async function uiBench(options: ReadonlyMap<string, number>): Promise<void> {
  if (tool('chromium') === undefined) return say('The ui part needs Chromium (Debian package chromium)')
  const seconds = options.get('seconds') ?? 60
  const rate = options.get('rate') ?? 20_000
  const product = await startProduct()
  const browser = await startBrowser()
  try {
    const [page] = await openPage(browser, product.url, 1920, 1080)
    await page
      .getByRole('navigation')
      .getByRole('button', { name: /^Packets/ })
      .click()
    const session = await page.context().newCDPSession(page)
    await session.send('Performance.enable')
    let arrived = 0
    product.host.on('capture', ({ rows }) => (arrived = rows))

    const idle = await watch({ page, session }, 2)
    const load = await startLoad(product.port, rate)
    await page.waitForTimeout(SETTLE_MS)
    const [heap, memory, rows, begin] = [
      await heapOf(session),
      await product.memory(),
      arrived,
      performance.now(),
    ]
    const part = seconds / 3
    say('following the end')
    const tail = await watch({ page, session }, part)
    say('with a filter')
    await page.getByPlaceholder(/^Filter/).fill('usp.type == GET_RESP')
    const filtered = await watch({ page, session }, part)
    say('scrolling')
    await page.getByPlaceholder(/^Filter/).fill('')
    await page.getByRole('grid').first().hover()
    const scrolled = await watch({ page, session }, part, () => wheel(page))
    const came = arrived - rows
    const took = (performance.now() - begin) / 1000
    await load()
    const heapAfter = await heapOf(session)
    const memoryAfter = await product.memory()
    printRows(`User interface, ${seconds} s, 1920 × 1080`, [
      { name: 'packets arriving', unit: '1/s', value: came / took, target: { atLeast: rate * 0.95 } },
      ...frameRows('no load', idle),
      ...frameRows('following the end', tail),
      ...frameRows('with a filter', filtered),
      ...frameRows('scrolling', scrolled),
      growth('heap of the page', heapAfter, heap),
      growth('memory of the bench', memoryAfter, memory),
    ])
  } finally {
    await browser.close()
    await product.stop()
  }
}

interface Frames {
  /** Milliseconds between frames, sorted. */
  readonly frames: readonly number[]
  /** Tasks of the page's main thread of more than 50 ms. */
  readonly tasks: readonly number[]
  /** Part of the time for which that thread had a processor: unlike the others, not a matter of who else runs. */
  readonly busy: number
}

const frameRows = (name: string, { frames, tasks, busy }: Frames): Row[] => [
  { name: `${name}: frame, p50`, unit: 'ms', value: percentile(frames, 0.5) },
  { name: `${name}: frame, p99`, unit: 'ms', value: percentile(frames, 0.99) },
  { name: `${name}: frame, longest`, unit: 'ms', value: frames.at(-1) ?? NaN, target: { atMost: FRAME_MS } },
  {
    name: `${name}: frames over ${FRAME_MS} ms of ${frames.length}`,
    unit: '',
    value: frames.filter((frame) => frame > FRAME_MS).length,
  },
  { name: `${name}: longest task of the page over ${FRAME_MS} ms`, unit: 'ms', value: Math.max(0, ...tasks) },
  { name: `${name}: processor time of the page's main thread`, unit: '%', value: busy * 100 },
]

const growth = (name: string, after: number, before: number): Row => ({
  name: `${name} at the end`,
  unit: 'MiB',
  value: after / MIB,
  beside: { name: 'at the start', value: before / MIB, ratio: after / before },
})

interface Shown {
  readonly page: Page
  readonly session: CDPSession
}

interface Watched {
  watched?: { frames: number[]; tasks: number[]; end: () => void }
}

/** Counts the frames of the page for some seconds, while `act` is done over and over. */
async function watch({ page, session }: Shown, seconds: number, act?: () => Promise<void>): Promise<Frames> {
  await page.evaluate(beginWatch)
  const worked = await metric(session, 'ThreadTime')
  const begin = performance.now()
  const end = begin + seconds * 1000
  while (performance.now() < end) {
    if (act) await act()
    await page.waitForTimeout(act ? WHEEL_MS : Math.max(0, Math.min(200, end - performance.now())))
  }
  const { frames, tasks } = await page.evaluate(endWatch)
  const busy = ((await metric(session, 'ThreadTime')) - worked) / ((performance.now() - begin) / 1000)
  return { frames: frames.sort((a, b) => a - b), tasks, busy }
}

/** Both run in the page. */
function beginWatch(): void {
  const frames: number[] = []
  const tasks: number[] = []
  let last = performance.now()
  let running = true
  const next = (now: number): void => {
    if (!running) return
    frames.push(now - last)
    last = now
    requestAnimationFrame(next)
  }
  requestAnimationFrame((now) => {
    last = now
    requestAnimationFrame(next)
  })
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) tasks.push(duration)
  })
  observer.observe({ type: 'longtask' })
  const end = (): void => {
    running = false
    observer.disconnect()
  }
  ;(window as unknown as Watched).watched = { frames, tasks, end }
}
function endWatch(): { frames: number[]; tasks: number[] } {
  const { watched } = window as unknown as Watched
  watched?.end()
  return { frames: watched?.frames ?? [], tasks: watched?.tasks ?? [] }
}

let wheels = 0
/** Up for a while, then down again. */
const wheel = (page: Page): Promise<void> =>
  page.mouse.wheel(0, Math.floor(wheels++ / 60) % 2 === 0 ? -WHEEL_PX : WHEEL_PX)

async function heapOf(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage')
  return metric(session, 'JSHeapUsedSize')
}

async function metric(session: CDPSession, wanted: string): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === wanted)?.value ?? NaN
}

/** Messages at half the rate, as each makes a packet in and one out. Answers the function that ends it. */
async function startLoad(port: number, rate: number): Promise<() => Promise<void>> {
  const endpoint = endpointId(5, 1)
  const topic = `oktopus/usp/v1/controller/${endpoint}`
  const templates = uspTemplates(5)
  const messages = Array.from({ length: MESSAGES }, (_, i) => {
    const template = templates[(i * 7) % templates.length] as (typeof templates)[number]
    return publish(topic, varied(template, endpoint, i), 0)
  })
  const to = await subscriber(port, topic, 0)
  const from = await Promise.all(Array.from({ length: PUBLISHERS }, () => member(port)))
  const begin = performance.now()
  let sent = 0
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - begin) * rate) / 2000)
    const parts: Buffer[] = []
    // After a pause the rest is not made up for at once.
    sent = Math.max(sent, due - rate / 20)
    for (; sent < due; sent++) parts.push(messages[Math.floor(sent) % MESSAGES] as Buffer)
    if (parts.length > 0) from[Math.floor(sent) % PUBLISHERS]?.socket.write(Buffer.concat(parts))
  }, BURST_MS)
  return async () => {
    clearInterval(timer)
    for (const { socket } of [...from, to]) socket.destroy()
  }
}
